using System.Net;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>The shared silo for clients who speak HTTP/2 without TLS.</summary>
public class Http2Silo(AssemblySilo assembly) : SharedSilo(assembly)
{
    /// <summary>Where it takes HTTP/2.</summary>
    public Uri Address { get; } = assembly.Http2Address;

    /// <summary>A client of HTTP/2 and no other version.</summary>
    internal HttpClient Client(HttpMessageHandler handler) =>
        new(handler)
        {
            BaseAddress = Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
}
