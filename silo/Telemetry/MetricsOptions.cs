using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace DeployCard.Silo.Telemetry;

/// <summary>Settings of the metrics endpoint for Prometheus (section <c>Metrics</c>).</summary>
internal sealed class MetricsOptions
{
    public const string Section = "Metrics";

    /// <summary>Default address: the default port of the Prometheus exporter of OpenTelemetry, on the loopback interface.</summary>
    public const string DefaultUrl = "http://127.0.0.1:9464";

    /// <summary>
    /// Address that serves <c>/metrics</c>, as in <c>http://0.0.0.0:9464</c>. Its port must not be one that clients use. If empty, there is
    /// no endpoint. If not set and another program uses the port of the default, there is no endpoint either.
    /// </summary>
    [DefaultValue(DefaultUrl)]
    public string? Url { get; set; }

    /// <summary>
    /// Maximum number of series per instrument. Measurements beyond it are aggregated into one series with the label
    /// <c>otel_metric_overflow</c>.
    /// </summary>
    [Range(1_000, 1_000_000)]
    public int MaxSeries { get; set; } = 10_000;

    /// <summary>
    /// Reads the settings before they are validated. Returns the defaults if they are not valid; validation at start reports the errors.
    /// </summary>
    public static MetricsOptions From(IConfiguration configuration) =>
        configuration.GetSection(Section).Get<MetricsOptions>() is { } given
        && Validator.TryValidateObject(given, new(given), null, validateAllProperties: true)
            ? given
            : new();

    /// <summary>Address that serves <c>/metrics</c>; null if the endpoint is disabled.</summary>
    public string? Address =>
        Url is null ? DefaultUrl
        : Url.Length == 0 ? null
        : Url;
}
