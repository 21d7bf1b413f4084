using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace DeployCard.Silo.Telemetry;

/// <summary>Which version runs (meter <c>DeployCard</c>): always 1, with the versions as labels.</summary>
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
                "Which version runs; always 1."
            );

    /// <summary>The product's version, as in <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        typeof(BuildMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "0";
}
