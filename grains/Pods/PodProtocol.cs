namespace DeployCard.Grains.Pods;

/// <summary>What a serving script speaks on its port.</summary>
public enum PodProtocol
{
    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2 without TLS and with prior knowledge (RFC 9113, section 3.3), as gRPC servers do.</summary>
    H2c,
}
