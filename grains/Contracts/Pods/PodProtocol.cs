namespace DeployCard.Contracts.Pods;

/// <summary>Protocol that a serving script uses on its port.</summary>
public enum PodProtocol
{
    /// <summary>HTTP/1.1 without TLS (RFC 9112).</summary>
    Http1,

    /// <summary>HTTP/2 without TLS and with prior knowledge (RFC 9113, section 3.3), as gRPC servers use it.</summary>
    H2c,
}
