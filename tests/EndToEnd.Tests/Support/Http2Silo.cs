using System.Net;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>The shared silo for clients that use HTTP/2 without TLS.</summary>
public class Http2Silo(AssemblySilo assembly) : SharedSilo(assembly)
{
    /// <summary>Address at which the silo accepts HTTP/2 without TLS.</summary>
    public Uri Address { get; } = assembly.Http2Address;

    /// <summary>Creates a client that uses only HTTP/2.</summary>
    internal HttpClient Client(HttpMessageHandler handler) =>
        new(handler)
        {
            BaseAddress = Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
}
