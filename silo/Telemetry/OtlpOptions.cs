using System.ComponentModel.DataAnnotations;
using OpenTelemetry.Exporter;

namespace DeployCard.Silo.Telemetry;

/// <summary>
/// Settings of the export of metrics, traces and logs by OTLP, the protocol of OpenTelemetry (section <c>Otlp</c>).
/// </summary>
internal sealed class OtlpOptions
{
    public const string Section = "Otlp";

    /// <summary>
    /// Address of the collector, as in <c>http://collector:4317</c> (<c>Grpc</c>) or <c>http://collector:4318</c>
    /// (<c>HttpProtobuf</c>). If not set, nothing is exported.
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// Protocol of the collector. With <c>HttpProtobuf</c>, <c>/v1/traces</c>, <c>/v1/metrics</c> or <c>/v1/logs</c> is appended to the
    /// endpoint.
    /// </summary>
    public OtlpExportProtocol Protocol { get; set; }

    /// <summary>
    /// Headers of each export request, as in <c>Authorization=Bearer …,X-Tenant=models</c>. The value is a secret. If not set,
    /// no headers are added.
    /// </summary>
    public string? Headers { get; set; }

    /// <summary>Timeout of one export request.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Interval at which metrics are exported.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MetricsInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether metrics are exported.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>Whether traces are recorded and exported.</summary>
    public bool Traces { get; set; } = true;

    /// <summary>Whether the logs of the silo itself are exported.</summary>
    public bool Logs { get; set; } = true;

    /// <summary>
    /// Reads the settings before they are validated. Returns the defaults if they are not valid; validation at start reports the errors.
    /// </summary>
    public static OtlpOptions From(IConfiguration configuration) =>
        configuration.GetSection(Section).Get<OtlpOptions>() is { } given
        && Validator.TryValidateObject(given, new(given), null, validateAllProperties: true)
        && new OtlpOptionsValidator().Validate(null, given).Succeeded
            ? given
            : new();

    /// <summary>Applies the settings to the exporter of one signal.</summary>
    /// <param name="exporter">Options of the exporter to change.</param>
    /// <param name="signal">Name of the signal: <c>traces</c>, <c>metrics</c> or <c>logs</c>.</param>
    public void Apply(OtlpExporterOptions exporter, string signal)
    {
        exporter.Protocol = Protocol;
        exporter.Endpoint =
            Protocol is OtlpExportProtocol.HttpProtobuf ? new($"{Endpoint!.AbsoluteUri.TrimEnd('/')}/v1/{signal}") : Endpoint!;
        exporter.Headers = Headers;
        exporter.TimeoutMilliseconds = (int)Timeout.TotalMilliseconds;
    }
}
