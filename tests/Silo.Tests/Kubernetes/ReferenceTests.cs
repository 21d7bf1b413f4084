using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>What one object says of another is so.</summary>
public sealed class ReferenceTests
{
    /// <summary>What people make, because it is secret.</summary>
    private static readonly string[] MadeByPeople = ["deploycard-secrets"];

    public static TheoryData<string> Overlays => ["small", "production"];

    [Theory, MemberData(nameof(Overlays))]
    public void Each_service_finds_the_pods_of_one_workload_and_ports_that_they_have(string overlay)
    {
        var manifests = Manifests.Of(overlay);

        manifests
            .All<V1Service>()
            .Select(service => service.Metadata.Name)
            .Order()
            .ShouldBe(["deploycard", "deploycard-grafana", "deploycard-prometheus", "deploycard-silos"]);
        foreach (var service in manifests.All<V1Service>())
        {
            var found = manifests.Workloads.Where(one => Labels.Fit(service.Spec.Selector, one.Labels)).ShouldHaveSingleItem();
            var ports = found.Containers.SelectMany(container => container.Ports ?? []).ToList();
            service.Spec.Ports.ShouldAllBe(port =>
                ports.Any(other => other.Name == port.TargetPort.Value && other.ContainerPort == port.Port)
            );
        }
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Each_workload_knows_its_own_pods_and_no_others(string overlay)
    {
        var workloads = Manifests.Of(overlay).Workloads;

        foreach (var one in workloads)
            workloads.Where(other => Labels.Fit(one.Selector, other.Labels)).ShouldBe([one]);
    }

    [Theory, MemberData(nameof(Overlays))]
    public void What_a_pod_mounts_reads_or_runs_as_is_there(string overlay)
    {
        var manifests = Manifests.Of(overlay);
        var configs = manifests.All<V1ConfigMap>().Select(one => one.Metadata.Name).ToList();
        foreach (var (name, spec) in manifests.Workloads.Select(one => (one.Name, one.Template.Spec)))
        {
            foreach (var volume in spec.Volumes)
            {
                if (volume.ConfigMap is { } config)
                    configs.ShouldContain(config.Name, name);
                if (volume.Secret is { } secret)
                    MadeByPeople.ShouldContain(secret.SecretName, name);
                if (volume.PersistentVolumeClaim is { } claim)
                    manifests.One<V1PersistentVolumeClaim>(claim.ClaimName).Spec.AccessModes.ShouldBe(["ReadWriteOnce"]);
            }

            if (spec.ServiceAccountName is { } account)
                manifests.One<V1ServiceAccount>(account).ShouldNotBeNull();
        }
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Each_mount_has_a_volume_and_each_probe_a_port(string overlay)
    {
        var manifests = Manifests.Of(overlay);
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
            mounted.ShouldBe(volumes.Order(), $"{workload.Name}: all that is mounted, and nothing else");
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
    public void Everything_is_in_one_namespace_and_of_one_part(string overlay)
    {
        var manifests = Manifests.Of(overlay);
        var home = manifests.All<V1Namespace>().ShouldHaveSingleItem().Metadata.Name;

        manifests.Objects.Where(one => one is not V1Namespace).ShouldAllBe(one => one.Metadata.NamespaceProperty == home);
        manifests.Objects.Select(one => $"{one.Kind}/{one.Metadata.Name}").ShouldBeUnique();
        manifests.Workloads.ShouldAllBe(one => one.Labels["app.kubernetes.io/part-of"] == "deploycard");
    }

    [Theory, MemberData(nameof(Overlays))]
    public void The_role_is_given_to_the_account_of_the_silos(string overlay)
    {
        var manifests = Manifests.Of(overlay);
        var binding = manifests.All<V1RoleBinding>().ShouldHaveSingleItem();

        binding.RoleRef.Name.ShouldBe(manifests.All<V1Role>().Single().Metadata.Name);
        var subject = binding.Subjects.ShouldHaveSingleItem();
        (subject.Kind, subject.Name, subject.NamespaceProperty).ShouldBe(
            ("ServiceAccount", manifests.Silos.Template.Spec.ServiceAccountName, "deploycard")
        );
    }

    [Fact]
    public void In_production_what_speaks_of_silos_means_them()
    {
        var silos = Manifests.Production.Silos;

        var target = Manifests.Production.All<V2HorizontalPodAutoscaler>().ShouldHaveSingleItem().Spec;
        (target.ScaleTargetRef.Kind, target.ScaleTargetRef.Name, target.MinReplicas).ShouldBe(("Deployment", silos.Name, 3));
        var budget = Manifests.Production.All<V1PodDisruptionBudget>().ShouldHaveSingleItem().Spec;
        budget.MaxUnavailable.Value.ShouldBe("1");
        Labels.Fit(budget.Selector, silos.Labels).ShouldBeTrue();
        silos
            .Template.Spec.TopologySpreadConstraints.Select(spread => spread.TopologyKey)
            .ShouldBe(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
        silos.Template.Spec.TopologySpreadConstraints.ShouldAllBe(spread => Labels.Fit(spread.LabelSelector, silos.Labels));
        // The autoscaler's number would be lost each time that the manifests are applied.
        Manifests.Production.One<V1Deployment>(silos.Name).Spec.Replicas.ShouldBeNull();
    }

    [Fact]
    public void A_small_installation_is_one_silo_with_its_database_and_production_has_none_of_its_own()
    {
        var small = Manifests.Small.One<V1Deployment>("deploycard").Spec;

        (small.Replicas ?? 1).ShouldBe(1);
        small.Strategy.Type.ShouldBe("Recreate");
        Manifests.Small.Silos.Container("postgres").RestartPolicy.ShouldBe("Always", "it starts before the silo, and ends after it");
        Manifests.Production.Text.ShouldNotContain("postgres:");
        Manifests.Production.All<V1PersistentVolumeClaim>().ShouldBeEmpty();
    }
}
