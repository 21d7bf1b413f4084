using DeployCard.Common.Settings;
using DeployCard.Common.Telemetry;
using Microsoft.Extensions.Options;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DeployCard.Silo.Telemetry;

/// <summary>Registers the telemetry of the silo: metrics, traces and logs.</summary>
internal static class TelemetryHostExtensions
{
    private static readonly string[] Meters =
    [
        "DeployCard*",
        "Microsoft.Orleans",
        "System.Runtime",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
    ];

    /// <summary>Adds telemetry. If both the metrics endpoint and the OTLP export are disabled, adds nothing.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings<MetricsOptions>(MetricsOptions.Section);
        services.AddSettings<OtlpOptions>(OtlpOptions.Section);
        services.AddSettings<TracingOptions>(TracingOptions.Section);
        services
            .AddSingleton<IValidateOptions<MetricsOptions>, MetricsOptionsValidator>()
            .AddSingleton<IValidateOptions<OtlpOptions>, OtlpOptionsValidator>();

        var (own, otlp) = (MetricsOptions.From(builder.Configuration), OtlpOptions.From(builder.Configuration));
        var (prometheusEnabled, otlpEnabled) = (own.Address is not null, otlp.Endpoint is not null);
        if (!prometheusEnabled && !otlpEnabled)
            return;
        var telemetry = services.AddOpenTelemetry().ConfigureResource(Describe);
        if (prometheusEnabled || (otlpEnabled && otlp.Metrics))
            telemetry.WithMetrics(metrics =>
                metrics.AddMeters(own).AddReaders(prometheusEnabled, otlpEnabled && otlp.Metrics ? otlp : null)
            );
        if (otlpEnabled && otlp.Traces)
            telemetry.WithTracing(traces =>
                traces.AddSource(Spans.SourceName).SetSampler(Sampler).AddOtlpExporter(exporter => otlp.Apply(exporter, "traces"))
            );
        if (otlpEnabled && otlp.Logs)
            telemetry.WithLogging(
                logs => logs.AddOtlpExporter(exporter => otlp.Apply(exporter, "logs")),
                options => (options.IncludeFormattedMessage, options.IncludeScopes) = (true, true)
            );
        if (prometheusEnabled)
            services.AddHostedService<MetricsServer>();
    }

    private static void Describe(ResourceBuilder resource) =>
        resource.AddService(
            "deploycard",
            serviceVersion: BuildMetrics.Version,
            serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}"
        );

    private static MeterProviderBuilder AddMeters(this MeterProviderBuilder metrics, MetricsOptions options) =>
        metrics
            .AddMeter(Meters)
            .AddView(LimitSeries(options))
            .AddInstrumentation(all => ActivatorUtilities.CreateInstance<BuildMetrics>(all));

    /// <summary>Raises the limit of series per instrument. Metrics per deployment exceed the default limit of OpenTelemetry.</summary>
    private static Func<System.Diagnostics.Metrics.Instrument, MetricStreamConfiguration?> LimitSeries(MetricsOptions options) =>
        instrument =>
            instrument.Meter.Name.StartsWith("DeployCard", StringComparison.Ordinal)
                ? new() { CardinalityLimit = options.MaxSeries }
                : null;

    private static void AddReaders(this MeterProviderBuilder metrics, bool prometheusEnabled, OtlpOptions? otlp)
    {
        if (prometheusEnabled)
            metrics.AddPrometheusExporter(exporter => exporter.ScopeInfoEnabled = false);
        if (otlp is not null)
        {
            metrics.AddOtlpExporter(
                (exporter, reader) =>
                {
                    otlp.Apply(exporter, "metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)otlp.MetricsInterval.TotalMilliseconds;
                }
            );
        }
    }

    private static ParentBasedSampler Sampler(IServiceProvider services) =>
        new(new TraceIdRatioBasedSampler(services.GetRequiredService<IOptions<TracingOptions>>().Value.SamplingRatio));
}
