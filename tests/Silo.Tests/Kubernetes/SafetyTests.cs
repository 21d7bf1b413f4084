using System.Text.RegularExpressions;
using System.Xml.Linq;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Least privilege of all pods in the manifests.</summary>
public sealed partial class SafetyTests
{
    public static TheoryData<string, string> Pods
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var overlay in new[] { "small", "production" })
            {
                foreach (var workload in Manifests.Load(overlay).Workloads)
                    data.Add(overlay, workload.Name);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Pods))]
    public void Pods_cannot_run_as_root(string overlay, string name)
    {
        var workload = Workload(overlay, name);
        var pod = workload.Template.Spec;

        pod.SecurityContext.RunAsNonRoot.ShouldBe(true);
        pod.SecurityContext.RunAsUser!.Value.ShouldBePositive();
        pod.SecurityContext.SeccompProfile.Type.ShouldBe("RuntimeDefault");
        (pod.HostNetwork, pod.HostPID, pod.HostIPC).ShouldBe((null, null, null));
        pod.Volumes.ShouldAllBe(volume => volume.HostPath == null);
        foreach (var rights in workload.Containers.Select(container => container.SecurityContext))
        {
            (rights.AllowPrivilegeEscalation, rights.ReadOnlyRootFilesystem, rights.Privileged).ShouldBe((false, true, null));
            rights.Capabilities.Drop.ShouldBe(["ALL"]);
            rights.Capabilities.Add.ShouldBeNull();
            (rights.RunAsUser ?? 1).ShouldBePositive();
        }
    }

    [Theory, MemberData(nameof(Pods))]
    public void Only_silos_have_a_token_for_the_API_server(string overlay, string name) =>
        Workload(overlay, name).Template.Spec.AutomountServiceAccountToken.ShouldBe(name == "deploycard");

    [Theory, MemberData(nameof(Pods))]
    public void Containers_have_resource_requests_and_a_memory_limit(string overlay, string name)
    {
        foreach (var resources in Workload(overlay, name).Containers.Select(container => container.Resources))
        {
            resources.Requests.Keys.Order().ShouldBe(["cpu", "memory"]);
            resources.Limits.Keys.ShouldContain("memory");
            resources.Requests["memory"].ToDouble().ShouldBeLessThanOrEqualTo(resources.Limits["memory"].ToDouble());
        }
    }

    [Theory, MemberData(nameof(Pods))]
    public void Images_have_a_fixed_version(string overlay, string name) =>
        Workload(overlay, name).Containers.ShouldAllBe(container => Version().IsMatch(container.Image));

    [Theory, InlineData("small"), InlineData("production")]
    public void Manifests_contain_no_secret(string overlay)
    {
        Manifests.Load(overlay).All<V1Secret>().ShouldBeEmpty();
        Manifests.Load(overlay).Text.ShouldNotContain("password", Case.Insensitive);
    }

    [Theory, InlineData("small"), InlineData("production")]
    public void DeployCard_images_have_the_version_of_this_source(string overlay)
    {
        var version = XDocument.Load(Path.Combine(Manifests.Folder, "..", "Directory.Build.props")).Descendants("Version").Single().Value;

        Manifests.Load(overlay).Silos.Container("silo").Image.ShouldBe($"deploycard/silo:{version}");
        if (overlay == "small")
            Manifests.Small.Text.ShouldContain($"Kubernetes__Images__0__Reference: deploycard/iris:{version}\n");
    }

    [Fact]
    public void Version_pattern_rejects_tags_without_a_version()
    {
        Version().IsMatch("prom/prometheus:v2.42.0").ShouldBeTrue();
        Version().IsMatch("prom/prometheus:latest").ShouldBeFalse();
        Version().IsMatch("prom/prometheus").ShouldBeFalse();
        Version().IsMatch("registry:5000/prometheus").ShouldBeFalse();
    }

    private static Workload Workload(string overlay, string name) => Manifests.Load(overlay).Workloads.Single(one => one.Name == name);

    [GeneratedRegex(
        @":v?\d+(\.\d+)+(-[a-z0-9.-]+)?(@sha256:[0-9a-f]{64})?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Version();
}
