using System.Net.Http.Headers;
using System.Text.Json;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.GraphQL;

/// <summary>A silo with deployments without pods, and a peer that returns the recorded responses of the silo.</summary>
internal sealed class Testbed : IAsyncDisposable
{
    public const string Peer = "bare endpoint";

    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-bench-").FullName;
    private SiloServer? silo;
    private ServerProcess? peer;

    private Testbed() { }

    public Target SiloTarget { get; private set; } = null!;

    public Target PeerTarget { get; private set; } = null!;

    /// <summary>Returns the path of the file with the request body of an operation.</summary>
    public string GetRequestFile(Operation operation) => Path.Combine(folder, $"{operation.Name}.request.json");

    /// <summary>Returns the size of the response body of an operation, in bytes.</summary>
    public long GetResponseBytes(Operation operation) => new FileInfo(GetResponseFile(operation)).Length;

    /// <summary>Starts the silo, creates the deployments, records the responses and starts the peer.</summary>
    public static async Task<Testbed> Create(int deployments, CancellationToken cancellationToken)
    {
        var testbed = new Testbed();
        try
        {
            await testbed.Start(deployments, cancellationToken);
            return testbed;
        }
        catch
        {
            await testbed.DisposeAsync();
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

    private string GetResponseFile(Operation operation) => Path.Combine(folder, $"{operation.Name}.response.json");

    private async Task Start(int deployments, CancellationToken cancellationToken)
    {
        silo = await SiloServer.Start(folder, cancellationToken);
        for (var i = 0; i < deployments; i++)
            await silo.Card.Deploy($"d{i:000}", "0-1", cancellationToken);
        SiloTarget = new(Target.DeployCard, silo.Origin, "", [silo.ProcessId]) { Headers = [$"Authorization: Bearer {silo.Token}"] };
        foreach (var operation in Operation.All)
            await RecordResponse(operation, cancellationToken);
        var origin = $"http://127.0.0.1:{Ports.FindFree()}";
        peer = await ServerProcess.Start(
            new("dotnet", [BuildOutput.BareJson, "--urls", origin, "--responses", folder]),
            new($"{origin}/healthz"),
            TimeSpan.FromMilliseconds(50),
            cancellationToken
        );
        PeerTarget = new(Peer, origin, "", [peer.Id]) { Headers = SiloTarget.Headers };
    }

    /// <summary>Saves the response of the silo, which the peer returns.</summary>
    private async Task RecordResponse(Operation operation, CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(
            GetRequestFile(operation),
            JsonSerializer.SerializeToUtf8Bytes(new { query = operation.Query, variables = operation.Variables }),
            cancellationToken
        );
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{silo!.Origin}/graphql")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", silo.Token) },
            Content = new ByteArrayContent(await File.ReadAllBytesAsync(GetRequestFile(operation), cancellationToken))
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        using var response = await http.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        using var json = JsonDocument.Parse(body);
        if (json.RootElement.TryGetProperty("errors", out var errors))
            throw new InvalidOperationException($"{operation.Title}: {errors}");
        await File.WriteAllBytesAsync(GetResponseFile(operation), body, cancellationToken);
    }
}
