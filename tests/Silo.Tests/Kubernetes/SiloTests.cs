using System.Globalization;
using System.Text.RegularExpressions;
using DeployCard.Grains.Runtimes.Kubernetes;
using DeployCard.Grains.Storage.PostgreSql;
using DeployCard.Silo.Hosting;
using DeployCard.Silo.Hosting.Cluster;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>What the manifests say of silos is what silos are.</summary>
public sealed partial class SiloTests
{
    public static TheoryData<string> Overlays => ["small", "production"];

    [Theory, MemberData(nameof(Overlays))]
    public void Every_variable_is_a_setting_that_is_documented(string overlay)
    {
        var known = Documented().ToList();
        known.Count.ShouldBeGreaterThan(80);
        IsKnown(known, "Storage__Conection").ShouldBeFalse();

        Environment(overlay).Keys.Where(name => !IsKnown(known, name)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Silos_find_each_other_by_labels_that_are_those_of_their_cluster(string overlay)
    {
        var labels = Manifests.Of(overlay).Silos.Labels;

        labels[KubernetesSiloHosting.ServiceLabel].ShouldBe(ClusterHosting.ServiceId);
        Environment(overlay)["Cluster__Id"].ShouldBe($"<metadata.labels['{KubernetesSiloHosting.ClusterLabel}']>");
        labels.ShouldContainKey(KubernetesSiloHosting.ClusterLabel);
        Environment(overlay)["Cluster__Address"].ShouldBe("<status.podIP>");
        Environment(overlay)[KubernetesSiloHosting.NameVariable].ShouldBe("<metadata.name>");
        Environment(overlay)[KubernetesSiloHosting.NamespaceVariable].ShouldBe("<metadata.namespace>");
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Ports_are_those_that_the_settings_name(string overlay)
    {
        var ports = Silo(overlay).Ports.ToDictionary(port => port.Name, port => port.ContainerPort);

        new Uri(Environment(overlay)["urls"]).Port.ShouldBe(ports["http"]);
        new Uri(Environment(overlay)["Gateway__Http2Url"]).Port.ShouldBe(ports["h2c"]);
        new Uri(Environment(overlay)["Metrics__Url"]).Port.ShouldBe(ports["metrics"]);
        new ClusterOptions().SiloPort.ShouldBe(ports["silo"]);
        ports.Count.ShouldBe(4);
    }

    [Theory, MemberData(nameof(Overlays))]
    public void A_silo_has_the_time_to_end_in_order(string overlay)
    {
        var leave = TimeSpan.Parse(Environment(overlay)["Cluster__ShutdownDelay"], CultureInfo.InvariantCulture);

        TimeSpan
            .FromSeconds(Manifests.Of(overlay).Silos.Template.Spec.TerminationGracePeriodSeconds!.Value)
            .ShouldBeGreaterThanOrEqualTo(leave + SiloBuilder.DrainTimeout + TimeSpan.FromSeconds(10));
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Probes_wait_as_long_as_a_silo_may_take(string overlay)
    {
        var (start, life, ready) = (Silo(overlay).StartupProbe, Silo(overlay).LivenessProbe, Silo(overlay).ReadinessProbe);

        (start.HttpGet.Path, life.HttpGet.Path, ready.HttpGet.Path).ShouldBe(("/health/live", "/health/live", "/health/ready"));
        TimeSpan
            .FromSeconds(start.PeriodSeconds!.Value * start.FailureThreshold!.Value)
            .ShouldBeGreaterThan(new PostgreSqlStorageOptions().SchemaLockTimeout);
        TimeSpan.FromSeconds(ready.TimeoutSeconds!.Value).ShouldBeGreaterThan(Health.Patience);
    }

    [Fact]
    public void In_production_clients_have_the_time_to_learn_that_a_silo_is_ending() =>
        TimeSpan
            .Parse(Environment("production")["Cluster__ShutdownDelay"], CultureInfo.InvariantCulture)
            .ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));

    [Fact]
    public void Prometheus_reads_from_where_silos_are_found()
    {
        var service = Manifests.Small.One<V1Service>("deploycard-silos");
        var config = Manifests
            .Small.All<V1ConfigMap>()
            .Single(one => one.Metadata.Name.StartsWith("deploycard-prometheus-", StringComparison.Ordinal))
            .Data["prometheus.yml"];

        (service.Spec.ClusterIP, service.Spec.PublishNotReadyAddresses).ShouldBe(("None", true));
        config.ShouldContain($"names: [{service.Metadata.Name}]");
        config.ShouldContain($"port: {service.Spec.Ports.Single().Port}");
    }

    private static V1Container Silo(string overlay) => Manifests.Of(overlay).Silos.Container("silo");

    private static IReadOnlyDictionary<string, string> Environment(string overlay) =>
        Manifests.Of(overlay).Environment(Silo(overlay), field => $"<{field}>");

    private static bool IsKnown(IEnumerable<string> known, string variable)
    {
        var name = Numbers().Replace(variable.Replace("__", ":"), ":0");
        return known.Contains(
            name.EndsWith("_FILE", StringComparison.Ordinal) && name.Contains(':') ? name[..^"_FILE".Length] : name,
            StringComparer.OrdinalIgnoreCase
        );
    }

    /// <summary>The names in the first column of the table of settings; one that begins with a colon goes on where the one before it ends.</summary>
    private static IEnumerable<string> Documented()
    {
        foreach (
            var row in File.ReadLines(Path.Combine(Manifests.Folder, "..", "docs", "settings.md"))
                .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        )
        {
            var before = "";
            foreach (var name in Name().Matches(row.Split('|')[1]).Select(match => match.Groups["name"].Value))
            {
                before = name.StartsWith(':') ? before[..before.LastIndexOf(':')] + name : name;
                yield return before;
            }
        }
    }

    [GeneratedRegex("`(?<name>[^`]+)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@":\d+(?=:|\z)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Numbers();
}
