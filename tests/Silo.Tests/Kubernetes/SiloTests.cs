using System.Globalization;
using System.Text.RegularExpressions;
using DeployCard.Kubernetes.Hosting;
using DeployCard.Silo.Hosting;
using DeployCard.Storage.PostgreSql;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Consistency of the manifests with the settings and behavior of silos.</summary>
public sealed partial class SiloTests
{
    public static TheoryData<string> Overlays => ["small", "production"];

    [Theory, MemberData(nameof(Overlays))]
    public void Every_variable_is_a_documented_setting(string overlay)
    {
        var known = Documented().ToList();
        known.Count.ShouldBeGreaterThan(80);
        IsKnown(known, "Storage__Conection").ShouldBeFalse();

        Environment(overlay).Keys.Where(name => !IsKnown(known, name)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Labels_of_silo_pods_match_their_cluster(string overlay)
    {
        var labels = Manifests.Load(overlay).Silos.Labels;

        labels[KubernetesSiloBuilderExtensions.ServiceLabel].ShouldBe(ClusterSiloBuilderExtensions.ServiceId);
        Environment(overlay)["Cluster__Id"].ShouldBe($"<metadata.labels['{KubernetesSiloBuilderExtensions.ClusterLabel}']>");
        labels.ShouldContainKey(KubernetesSiloBuilderExtensions.ClusterLabel);
        Environment(overlay)["Cluster__Address"].ShouldBe("<status.podIP>");
        Environment(overlay)[KubernetesSiloBuilderExtensions.PodNameVariable].ShouldBe("<metadata.name>");
        Environment(overlay)[KubernetesSiloBuilderExtensions.PodNamespaceVariable].ShouldBe("<metadata.namespace>");
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Ports_match_the_settings(string overlay)
    {
        var ports = Silo(overlay).Ports.ToDictionary(port => port.Name, port => port.ContainerPort);

        new Uri(Environment(overlay)["urls"]).Port.ShouldBe(ports["http"]);
        new Uri(Environment(overlay)["Gateway__Http2Url"]).Port.ShouldBe(ports["h2c"]);
        new Uri(Environment(overlay)["Metrics__Url"]).Port.ShouldBe(ports["metrics"]);
        new ClusterOptions().SiloPort.ShouldBe(ports["silo"]);
        ports.Count.ShouldBe(4);
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Termination_grace_period_covers_shutdown_delay_and_drain(string overlay)
    {
        var shutdownDelay = TimeSpan.Parse(Environment(overlay)["Cluster__ShutdownDelay"], CultureInfo.InvariantCulture);

        TimeSpan
            .FromSeconds(Manifests.Load(overlay).Silos.Template.Spec.TerminationGracePeriodSeconds!.Value)
            .ShouldBeGreaterThanOrEqualTo(shutdownDelay + SiloBuilder.ShutdownTimeout + TimeSpan.FromSeconds(10));
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Probes_allow_for_schema_lock_and_health_check_timeouts(string overlay)
    {
        var (start, life, ready) = (Silo(overlay).StartupProbe, Silo(overlay).LivenessProbe, Silo(overlay).ReadinessProbe);

        (start.HttpGet.Path, life.HttpGet.Path, ready.HttpGet.Path).ShouldBe(("/health/live", "/health/live", "/health/ready"));
        TimeSpan
            .FromSeconds(start.PeriodSeconds!.Value * start.FailureThreshold!.Value)
            .ShouldBeGreaterThan(new PostgreSqlStorageOptions().SchemaLockTimeout);
        TimeSpan.FromSeconds(ready.TimeoutSeconds!.Value).ShouldBeGreaterThan(HealthHostExtensions.StorageTimeout);
    }

    [Fact]
    public void Shutdown_delay_of_production_is_at_least_five_seconds() =>
        TimeSpan
            .Parse(Environment("production")["Cluster__ShutdownDelay"], CultureInfo.InvariantCulture)
            .ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));

    [Fact]
    public void Prometheus_scrapes_the_headless_service_of_the_silos()
    {
        var service = Manifests.Small.Named<V1Service>("deploycard-silos");
        var config = Manifests
            .Small.All<V1ConfigMap>()
            .Single(one => one.Metadata.Name.StartsWith("deploycard-prometheus-", StringComparison.Ordinal))
            .Data["prometheus.yml"];

        (service.Spec.ClusterIP, service.Spec.PublishNotReadyAddresses).ShouldBe(("None", true));
        config.ShouldContain($"names: [{service.Metadata.Name}]");
        config.ShouldContain($"port: {service.Spec.Ports.Single().Port}");
    }

    private static V1Container Silo(string overlay) => Manifests.Load(overlay).Silos.Container("silo");

    private static IReadOnlyDictionary<string, string> Environment(string overlay) =>
        Manifests.Load(overlay).GetEnvironment(Silo(overlay), field => $"<{field}>");

    private static bool IsKnown(IEnumerable<string> known, string variable)
    {
        var name = Numbers().Replace(variable.Replace("__", ":"), ":0");
        return known.Contains(
            name.EndsWith("_FILE", StringComparison.Ordinal) && name.Contains(':') ? name[..^"_FILE".Length] : name,
            StringComparer.OrdinalIgnoreCase
        );
    }

    /// <summary>
    /// Returns the setting names in the first column of the tables in <c>docs/settings.md</c>. A name that begins with a colon continues
    /// the section of the previous name.
    /// </summary>
    private static IEnumerable<string> Documented()
    {
        foreach (
            var row in File.ReadLines(Path.Combine(Manifests.Folder, "..", "docs", "settings.md"))
                .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        )
        {
            var previous = "";
            foreach (var name in Name().Matches(row.Split('|')[1]).Select(match => match.Groups["name"].Value))
            {
                previous = name.StartsWith(':') ? previous[..previous.LastIndexOf(':')] + name : name;
                yield return previous;
            }
        }
    }

    [GeneratedRegex("`(?<name>[^`]+)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@":\d+(?=:|\z)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Numbers();
}
