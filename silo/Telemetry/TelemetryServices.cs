using DeployCard.Grains.Telemetry;
using Microsoft.Extensions.Options;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DeployCard.Silo.Telemetry;

/// <summary>Registers what tells others how the silo does: metrics, traces and logs.</summary>
internal static class TelemetryServices
{
    private static readonly string[] Meters =
    [
        "DeployCard*",
        "Microsoft.Orleans",
        "System.Runtime",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
    ];

    /// <summary>Adds it. Where neither Prometheus nor a collector is wanted, nothing is measured.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<MetricsOptions>().BindConfiguration(MetricsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<OtlpOptions>().BindConfiguration(OtlpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<TracingOptions>().BindConfiguration(TracingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services
            .AddSingleton<IValidateOptions<MetricsOptions>, MetricsOptionsValidator>()
            .AddSingleton<IValidateOptions<OtlpOptions>, OtlpOptionsValidator>();

        var (own, otlp) = (MetricsOptions.Of(builder.Configuration), OtlpOptions.Of(builder.Configuration));
        var (prometheus, isSent) = (own.Address is not null, otlp.Endpoint is not null);
        if (!prometheus && !isSent)
            return;
        var telemetry = services.AddOpenTelemetry().ConfigureResource(Describe);
        if (prometheus || (isSent && otlp.Metrics))
            telemetry.WithMetrics(metrics => metrics.AddMeters(own).AddReaders(prometheus, isSent && otlp.Metrics ? otlp : null));
        if (isSent && otlp.Traces)
            telemetry.WithTracing(traces =>
                traces.AddSource(Spans.SourceName).SetSampler(Sampler).AddOtlpExporter(exporter => otlp.Apply(exporter, "traces"))
            );
        if (isSent && otlp.Logs)
            telemetry.WithLogging(
                logs => logs.AddOtlpExporter(exporter => otlp.Apply(exporter, "logs")),
                options => (options.IncludeFormattedMessage, options.IncludeScopes) = (true, true)
            );
        if (prometheus)
            services.AddHostedService<MetricsServer>();
    }

    private static void Describe(ResourceBuilder resource) =>
        resource.AddService(
            "deploycard",
            serviceVersion: BuildMetrics.Version,
            serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}"
        );

    private static MeterProviderBuilder AddMeters(this MeterProviderBuilder metrics, MetricsOptions options) =>
        metrics.AddMeter(Meters).AddView(Bound(options)).AddInstrumentation(all => ActivatorUtilities.CreateInstance<BuildMetrics>(all));

    /// <summary>What is told of each deployment has more series than OpenTelemetry allows by itself.</summary>
    private static Func<System.Diagnostics.Metrics.Instrument, MetricStreamConfiguration?> Bound(MetricsOptions options) =>
        instrument =>
            instrument.Meter.Name.StartsWith("DeployCard", StringComparison.Ordinal)
                ? new() { CardinalityLimit = options.MaxSeries }
                : null;

    private static void AddReaders(this MeterProviderBuilder metrics, bool prometheus, OtlpOptions? otlp)
    {
        if (prometheus)
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
