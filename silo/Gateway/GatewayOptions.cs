using System.ComponentModel.DataAnnotations;

namespace DeployCard.Silo.Gateway;

/// <summary>What holds for every request of this installation (section <c>Gateway</c>).</summary>
public sealed class GatewayOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Gateway";

    /// <summary>A second address, for HTTP/2 without TLS (h2c with prior knowledge), which gRPC clients speak: as in <c>http://localhost:8082</c>; none by default.</summary>
    [RegularExpression("^https?://[^/]+/?$", ErrorMessage = "Gateway:Http2Url must be an address as in http://localhost:8082.")]
    public string? Http2Url { get; set; }

    /// <summary>
    /// Whether what a request says of its own way (<c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c>) is believed and goes on to pods: only
    /// behind a proxy that sets these fields itself. Default: no, they are replaced.
    /// </summary>
    public bool TrustForwardedHeaders { get; set; }

    /// <summary>
    /// Whether a request is handled on the thread that received it, without a hand-over to another one, which saves a wake-up for each part of
    /// it. Code that blocks would hold up the connection that it serves; there is none on the way of a prediction. Default: yes.
    /// </summary>
    public bool InlineScheduling { get; set; } = true;

    /// <summary>The longest head of a request, all header fields together, in bytes: 1 KiB to 1 MiB, default 32 KiB.</summary>
    [Range(1024, 1 << 20)]
    public int MaxHeaderBytes { get; set; } = 32 * 1024;

    /// <summary>The most header fields of a request: 10 to 10,000, default 100.</summary>
    [Range(10, 10_000)]
    public int MaxHeaderCount { get; set; } = 100;

    /// <summary>How long the head of a request may take to come: 1 s to 10 min, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How slowly a body of a length that is known may come, and an answer be taken, in bytes each second, after <see cref="MinDataRateGracePeriod"/>:
    /// 0 (no bound) to 1 GiB, default 240. Bodies without a length are streams, which may pause.
    /// </summary>
    [Range(0, 1 << 30)]
    public double MinDataRate { get; set; } = 240;

    /// <summary>How long a slower client is let be: 1 s to 1 h, default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MinDataRateGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection without a request stays open: 1 s to 1 h, default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromMinutes(5);
}
