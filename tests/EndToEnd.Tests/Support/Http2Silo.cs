using System.Net;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>A silo that also listens for clients who speak HTTP/2 without TLS, and has an image whose pods do.</summary>
public sealed class Http2Silo : SharedSilo
{
    private const string Image = "grpc-echo";

    private readonly int port = TestPorts.Free();

    /// <summary>Where it takes HTTP/2.</summary>
    public Uri Address => new($"http://localhost:{port}");

    protected override string[] Settings => ["--Gateway:Http2Url", $"http://localhost:{port}", $"--LocalProcess:Images:{Image}", Built.GrpcEcho];

    /// <summary>A deployment of pods that speak gRPC.</summary>
    internal async Task<(string Name, string Key)> DeployGrpc(object? configuration = null)
    {
        var name = NewName("grpc");
        return (name, await Card.Deploy(name, Image, configuration));
    }

    /// <summary>A client of HTTP/2 and no other version.</summary>
    internal HttpClient Client(HttpMessageHandler handler) => new(handler)
    {
        BaseAddress = Address,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
