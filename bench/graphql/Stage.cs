using System.Net.Http.Headers;
using System.Text.Json;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.GraphQL;

/// <summary>A silo with deployments at rest, and the peer with the silo's own answers.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string Peer = "bare end point";

    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-bench-").FullName;
    private SiloServer? silo;
    private ServerProcess? peer;

    private Stage() { }

    public Target Ours { get; private set; } = null!;

    public Target Bare { get; private set; } = null!;

    /// <summary>The file with the request of an operation.</summary>
    public string RequestFile(Operation operation) => Path.Combine(folder, $"{operation.Name}.request.json");

    /// <summary>The length of its answer in bytes.</summary>
    public long AnswerBytes(Operation operation) => new FileInfo(AnswerFile(operation)).Length;

    public static async Task<Stage> Raise(int deployments, CancellationToken cancellationToken)
    {
        var stage = new Stage();
        try
        {
            await stage.Start(deployments, cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (peer is not null)
            await peer.DisposeAsync();
        if (silo is not null)
            await silo.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private string AnswerFile(Operation operation) => Path.Combine(folder, $"{operation.Name}.answer.json");

    private async Task Start(int deployments, CancellationToken cancellationToken)
    {
        silo = await SiloServer.Start(folder, cancellationToken);
        for (var i = 0; i < deployments; i++)
            await silo.Card.Deploy($"d{i:000}", "0-1", cancellationToken);
        Ours = new(Target.DeployCard, silo.Origin, "", [silo.ProcessId]) { Headers = [$"Authorization: Bearer {silo.Token}"] };
        foreach (var operation in Operation.All)
            await Record(operation, cancellationToken);
        var origin = $"http://127.0.0.1:{Ports.Free()}";
        peer = await ServerProcess.Start(
            new("dotnet", [Built.BareJson, "--urls", origin, "--answers", folder]),
            new($"{origin}/healthz"),
            TimeSpan.FromMilliseconds(50),
            cancellationToken
        );
        Bare = new(Peer, origin, "", [peer.Id]) { Headers = Ours.Headers };
    }

    /// <summary>Keeps what the silo answers, for the peer to answer the same.</summary>
    private async Task Record(Operation operation, CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(
            RequestFile(operation),
            JsonSerializer.SerializeToUtf8Bytes(new { query = operation.Query, variables = operation.Variables }),
            cancellationToken
        );
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{silo!.Origin}/graphql")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", silo.Token) },
            Content = new ByteArrayContent(await File.ReadAllBytesAsync(RequestFile(operation), cancellationToken))
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        using var response = await http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        using var json = JsonDocument.Parse(answer);
        if (json.RootElement.TryGetProperty("errors", out var errors))
            throw new InvalidOperationException($"{operation.Title}: {errors}");
        await File.WriteAllBytesAsync(AnswerFile(operation), answer, cancellationToken);
    }
}
