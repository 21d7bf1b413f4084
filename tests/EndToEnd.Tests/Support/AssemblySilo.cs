using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

[assembly: AssemblyFixture(typeof(AssemblySilo))]

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// The process behind <see cref="SharedSilo"/>. It is shared because a silo costs seconds of processor time, most of them for compilation
/// during its first requests. The process starts when the first test class needs it and shuts down gracefully after the last test class.
/// </summary>
public sealed class AssemblySilo : IAsyncDisposable
{
    internal const string GrpcImage = "grpc-echo";
    internal const string GrafanaUrl = "https://grafana.example.org/models/";

    private readonly Lazy<Task<SiloProcess>> process;

    public AssemblySilo() => process = new(() => SiloProcess.Start(CancellationToken.None, Settings));

    /// <summary>Address at which the silo accepts HTTP/2 without TLS.</summary>
    public Uri Http2Address { get; } = new($"http://localhost:{TestPorts.FindFree()}");

    internal Task<SiloProcess> Process => process.Value;

    /// <summary>Creates a client that uses only HTTP/2.</summary>
    internal HttpClient CreateHttp2Client() =>
        new(new SocketsHttpHandler())
        {
            BaseAddress = Http2Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    // Settings that some tests need and that do not affect the others.
    private string[] Settings =>
        [
            "--Gateway:Http2Url",
            Http2Address.OriginalString,
            $"--LocalProcess:Images:{GrpcImage}",
            BuildOutput.GrpcEcho,
            // Long enough that a delivery to a receiver that never responds has not timed out when a test checks it.
            .. SiloSetup.AllowLoopback,
            "--Callbacks:Timeout",
            "00:01:00",
            "--Card:GrafanaUrl",
            GrafanaUrl,
        ];

    public async ValueTask DisposeAsync()
    {
        if (process.IsValueCreated)
            await (await process.Value).ShutDown();
    }
}
