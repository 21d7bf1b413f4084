using System.ComponentModel.DataAnnotations;

namespace DeployCard.Gateway;

/// <summary>Settings of the gateway for all requests of this installation (section <c>Gateway</c>).</summary>
public sealed class GatewayOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Gateway";

    /// <summary>
    /// Additional listen address for cleartext HTTP/2 (h2c with prior knowledge), as gRPC clients use it. Example:
    /// <c>http://localhost:8082</c>. If not set or empty, there is no such address.
    /// </summary>
    [RegularExpression("^https?://[^/]+/?$", ErrorMessage = "{0} must be an HTTP address without a path, such as http://localhost:8082")]
    public string? Http2Url { get; set; }

    /// <summary>
    /// Whether the gateway trusts the request headers <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> and passes them on to pods.
    /// Enable this only behind a proxy that sets these headers. If false, the headers are replaced.
    /// </summary>
    public bool TrustForwardedHeaders { get; set; }

    /// <summary>
    /// Whether a request is handled on the thread that received it. This saves a thread switch for each part of the request, but code that
    /// blocks would stall the connection. The prediction path contains no blocking code.
    /// </summary>
    public bool InlineScheduling { get; set; } = true;

    /// <summary>Maximum total size of a request's headers, in bytes.</summary>
    [Range(1024, 1 << 20)]
    public int MaxHeaderBytes { get; set; } = 32 * 1024;

    /// <summary>Maximum number of headers of a request.</summary>
    [Range(10, 10_000)]
    public int MaxHeaderCount { get; set; } = 100;

    /// <summary>Maximum time to receive the headers of a request.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Minimum data rate in bytes per second, for request bodies of known length and for responses. A slower transfer is aborted after
    /// <see cref="MinDataRateGracePeriod"/>. Bodies of unknown length are streams, which may pause. 0 disables the limit.
    /// </summary>
    [Range(0.0, 1 << 30)]
    public double MinDataRate { get; set; } = 240;

    /// <summary>Time before <see cref="MinDataRate"/> is enforced for a request or response.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MinDataRateGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time after which an idle client connection is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromMinutes(5);
}
