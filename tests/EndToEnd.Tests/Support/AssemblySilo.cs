using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

[assembly: AssemblyFixture(typeof(AssemblySilo))]

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// The process behind <see cref="SharedSilo"/>: a silo costs seconds of a processor, most of them for what it compiles at its first requests. It is
/// started for the first class that asks for it, and ends, in order, after the last one.
/// </summary>
public sealed class AssemblySilo : IAsyncDisposable
{
    internal const string GrpcImage = "grpc-echo";
    internal const string GrafanaUrl = "https://grafana.example.org/models/";

    private readonly Lazy<Task<SiloProcess>> process;

    public AssemblySilo() => process = new(() => SiloProcess.Start(CancellationToken.None, Settings));

    /// <summary>Where it takes HTTP/2 without TLS.</summary>
    public Uri Http2Address { get; } = new($"http://localhost:{TestPorts.Free()}");

    internal Task<SiloProcess> Process => process.Value;

    // What some of the tests need and none is disturbed by.
    private string[] Settings =>
        [
            "--Gateway:Http2Url",
            Http2Address.OriginalString,
            $"--LocalProcess:Images:{GrpcImage}",
            Built.GrpcEcho,
            // Long enough that a receiver that never answers has not been given up when a test looks.
            .. CallbackSilo.AllowLoopback,
            "--Callbacks:Timeout",
            "00:01:00",
            "--Card:GrafanaUrl",
            GrafanaUrl,
        ];

    public async ValueTask DisposeAsync()
    {
        if (process.IsValueCreated)
            await (await process.Value).End();
    }
}
