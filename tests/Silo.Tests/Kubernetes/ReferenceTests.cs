using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>References between the objects of the manifests.</summary>
public sealed class ReferenceTests
{
    /// <summary>Secrets that an administrator creates.</summary>
    private static readonly string[] CreatedByAdministrators = ["deploycard-secrets"];

    public static TheoryData<string> Overlays => ["small", "production"];

    [Theory, MemberData(nameof(Overlays))]
    public void Services_select_one_workload_and_existing_ports(string overlay)
    {
        var manifests = Manifests.Load(overlay);

        manifests
            .All<V1Service>()
            .Select(service => service.Metadata.Name)
            .Order()
            .ShouldBe(["deploycard", "deploycard-grafana", "deploycard-prometheus", "deploycard-silos"]);
        foreach (var service in manifests.All<V1Service>())
        {
            var found = manifests.Workloads.Where(one => Labels.Match(service.Spec.Selector, one.Labels)).ShouldHaveSingleItem();
            var ports = found.Containers.SelectMany(container => container.Ports ?? []).ToList();
            service.Spec.Ports.ShouldAllBe(port =>
                ports.Any(other => other.Name == port.TargetPort.Value && other.ContainerPort == port.Port)
            );
        }
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Workloads_select_only_their_own_pods(string overlay)
    {
        var workloads = Manifests.Load(overlay).Workloads;

        foreach (var one in workloads)
            workloads.Where(other => Labels.Match(one.Selector, other.Labels)).ShouldBe([one]);
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Config_maps_secrets_claims_and_service_accounts_of_pods_exist(string overlay)
    {
        var manifests = Manifests.Load(overlay);
        var configs = manifests.All<V1ConfigMap>().Select(one => one.Metadata.Name).ToList();
        foreach (var (name, spec) in manifests.Workloads.Select(one => (one.Name, one.Template.Spec)))
        {
            foreach (var volume in spec.Volumes)
            {
                if (volume.ConfigMap is { } config)
                    configs.ShouldContain(config.Name, name);
                if (volume.Secret is { } secret)
                    CreatedByAdministrators.ShouldContain(secret.SecretName, name);
                if (volume.PersistentVolumeClaim is { } claim)
                    manifests.Named<V1PersistentVolumeClaim>(claim.ClaimName).Spec.AccessModes.ShouldBe(["ReadWriteOnce"]);
            }

            if (spec.ServiceAccountName is { } account)
                manifests.Named<V1ServiceAccount>(account).ShouldNotBeNull();
        }
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Mounts_have_a_volume_and_probes_have_a_port(string overlay)
    {
        var manifests = Manifests.Load(overlay);
        foreach (var workload in manifests.Workloads)
        {
            string[] volumes =
            [
                .. workload.Template.Spec.Volumes.Select(volume => volume.Name),
                .. manifests
                    .All<V1StatefulSet>()
                    .Where(one => one.Metadata.Name == workload.Name)
                    .SelectMany(one => one.Spec.VolumeClaimTemplates)
                    .Select(claim => claim.Metadata.Name),
            ];
            var mounted = workload
                .Containers.SelectMany(container => container.VolumeMounts ?? [])
                .Select(mount => mount.Name)
                .Distinct()
                .Order();
            mounted.ShouldBe(volumes.Order(), $"{workload.Name}: every volume is mounted, and every mount has a volume");
            foreach (var container in workload.Containers)
            {
                (container.VolumeMounts ?? []).Select(mount => mount.MountPath).ShouldBeUnique();
                var ports = (container.Ports ?? []).Select(port => port.Name).ToList();
                foreach (
                    var probe in new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }.Where(probe =>
                        probe?.HttpGet is not null
                    )
                )
                    ports.ShouldContain(probe!.HttpGet.Port.Value, $"{workload.Name}/{container.Name}");
            }
        }
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Objects_are_in_one_namespace_and_part_of_DeployCard(string overlay)
    {
        var manifests = Manifests.Load(overlay);
        var home = manifests.All<V1Namespace>().ShouldHaveSingleItem().Metadata.Name;

        manifests.Objects.Where(one => one is not V1Namespace).ShouldAllBe(one => one.Metadata.NamespaceProperty == home);
        manifests.Objects.Select(one => $"{one.Kind}/{one.Metadata.Name}").ShouldBeUnique();
        manifests.Workloads.ShouldAllBe(one => one.Labels["app.kubernetes.io/part-of"] == "deploycard");
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Role_is_bound_to_the_service_account_of_the_silos(string overlay)
    {
        var manifests = Manifests.Load(overlay);
        var binding = manifests.All<V1RoleBinding>().ShouldHaveSingleItem();

        binding.RoleRef.Name.ShouldBe(manifests.All<V1Role>().Single().Metadata.Name);
        var subject = binding.Subjects.ShouldHaveSingleItem();
        (subject.Kind, subject.Name, subject.NamespaceProperty).ShouldBe(
            ("ServiceAccount", manifests.Silos.Template.Spec.ServiceAccountName, "deploycard")
        );
    }

    [Fact]
    public void Autoscaler_budget_and_spread_of_production_refer_to_the_silos()
    {
        var silos = Manifests.Production.Silos;

        var target = Manifests.Production.All<V2HorizontalPodAutoscaler>().ShouldHaveSingleItem().Spec;
        (target.ScaleTargetRef.Kind, target.ScaleTargetRef.Name, target.MinReplicas).ShouldBe(("Deployment", silos.Name, 3));
        var budget = Manifests.Production.All<V1PodDisruptionBudget>().ShouldHaveSingleItem().Spec;
        budget.MaxUnavailable.Value.ShouldBe("1");
        Labels.Match(budget.Selector, silos.Labels).ShouldBeTrue();
        silos
            .Template.Spec.TopologySpreadConstraints.Select(spread => spread.TopologyKey)
            .ShouldBe(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
        silos.Template.Spec.TopologySpreadConstraints.ShouldAllBe(spread => Labels.Match(spread.LabelSelector, silos.Labels));
        // A replica count in the manifest would override that of the autoscaler with each apply.
        Manifests.Production.Named<V1Deployment>(silos.Name).Spec.Replicas.ShouldBeNull();
    }

    [Fact]
    public void Small_overlay_is_one_silo_with_a_database_and_production_has_no_database()
    {
        var small = Manifests.Small.Named<V1Deployment>("deploycard").Spec;

        (small.Replicas ?? 1).ShouldBe(1);
        small.Strategy.Type.ShouldBe("Recreate");
        Manifests.Small.Silos.Container("postgres").RestartPolicy.ShouldBe("Always", "PostgreSQL starts before and stops after the silo");
        Manifests.Production.Text.ShouldNotContain("postgres:");
        Manifests.Production.All<V1PersistentVolumeClaim>().ShouldBeEmpty();
    }
}
