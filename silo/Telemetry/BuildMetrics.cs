using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace DeployCard.Silo.Telemetry;

/// <summary>Gauge of the running version (meter <c>DeployCard</c>): always 1, with the versions as tags.</summary>
internal sealed class BuildMetrics
{
    public const string MeterName = "DeployCard";

    public BuildMetrics(IMeterFactory meters) =>
        meters
            .Create(MeterName)
            .CreateObservableGauge(
                "deploycard.build.info",
                () => new Measurement<int>(1, new("version", Version), new("framework", RuntimeInformation.FrameworkDescription)),
                null,
                "Version of DeployCard that is running; always 1."
            );

    /// <summary>Version of the product, for example <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        typeof(BuildMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "0";
}
