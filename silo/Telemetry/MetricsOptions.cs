using System.ComponentModel.DataAnnotations;

namespace DeployCard.Silo.Telemetry;

/// <summary>Where Prometheus reads what is measured (section <c>Metrics</c>).</summary>
internal sealed class MetricsOptions
{
    public const string Section = "Metrics";

    /// <summary>The address where nothing is set: OpenTelemetry's usual port, on this machine only.</summary>
    public const string DefaultUrl = "http://127.0.0.1:9464";

    /// <summary>
    /// The address that answers <c>/metrics</c>, as in <c>http://0.0.0.0:9464</c>; never one that clients reach. Empty: none. Where nothing is set it
    /// is <see cref="DefaultUrl"/>, and none where another program has that port.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>Series of one instrument: 1,000 to 1,000,000, default 10,000. What is beyond them is counted together, as <c>otel_metric_overflow</c>.</summary>
    [Range(1_000, 1_000_000)]
    public int MaxSeries { get; set; } = 10_000;

    /// <summary>The settings before they are checked: those that are given where they can be used, which the check tells where they cannot.</summary>
    public static MetricsOptions Of(IConfiguration configuration) =>
        configuration.GetSection(Section).Get<MetricsOptions>() is { } given
        && Validator.TryValidateObject(given, new(given), null, validateAllProperties: true)
            ? given
            : new();

    /// <summary>The address; null for none.</summary>
    public string? Address =>
        Url is null ? DefaultUrl
        : Url.Length == 0 ? null
        : Url;
}
