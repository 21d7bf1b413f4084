using System.ComponentModel.DataAnnotations;
using OpenTelemetry.Exporter;

namespace DeployCard.Silo.Telemetry;

/// <summary>Where metrics, traces and logs are sent by OpenTelemetry's protocol (section <c>Otlp</c>); nowhere without an end point.</summary>
internal sealed class OtlpOptions
{
    public const string Section = "Otlp";

    /// <summary>A collector, as in <c>http://collector:4317</c> (<c>Grpc</c>) or <c>http://collector:4318</c> (<c>HttpProtobuf</c>); null for none.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>How it is spoken to: <c>Grpc</c> (default) or <c>HttpProtobuf</c>, which puts <c>/v1/traces</c> and so on behind the end point.</summary>
    public OtlpExportProtocol Protocol { get; set; }

    /// <summary>Header fields that go along, as in <c>Authorization=Bearer …,X-Tenant=models</c>; a secret.</summary>
    public string? Headers { get; set; }

    /// <summary>How long one sending may take: 1 s to 1 min, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often metrics are sent: 1 s to 1 h, default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MetricsInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether metrics are sent; default yes.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>Whether traces are made and sent; default yes.</summary>
    public bool Traces { get; set; } = true;

    /// <summary>Whether the silo's own logs are sent; default yes.</summary>
    public bool Logs { get; set; } = true;

    /// <summary>What of the settings can be used before they are checked: all of them, or nothing, which is told at the check.</summary>
    public static OtlpOptions Of(IConfiguration configuration) =>
        configuration.GetSection(Section).Get<OtlpOptions>() is { } given
        && Validator.TryValidateObject(given, new(given), null, validateAllProperties: true)
        && new OtlpOptionsValidator().Validate(null, given).Succeeded
            ? given
            : new();

    /// <summary>Makes these the exporter's for one signal.</summary>
    /// <param name="exporter">The exporter's.</param>
    /// <param name="signal"><c>traces</c>, <c>metrics</c> or <c>logs</c>.</param>
    public void Apply(OtlpExporterOptions exporter, string signal)
    {
        exporter.Protocol = Protocol;
        exporter.Endpoint =
            Protocol is OtlpExportProtocol.HttpProtobuf ? new($"{Endpoint!.AbsoluteUri.TrimEnd('/')}/v1/{signal}") : Endpoint!;
        exporter.Headers = Headers;
        exporter.TimeoutMilliseconds = (int)Timeout.TotalMilliseconds;
    }
}
