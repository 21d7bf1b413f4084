using System.Text.RegularExpressions;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>
/// Checks that the commands in <c>docs/kubernetes.md</c> match the manifests. Another test runs its steps up to a prediction.
/// </summary>
public sealed partial class GuideTests
{
    private static readonly string Guide = File.ReadAllText(Path.Combine(Manifests.Folder, "..", "docs", "kubernetes.md"));
    private static readonly IReadOnlyList<string> Commands =
    [
        .. Guide.Split('\n').Where(line => line.TrimStart('|', ' ', '`').StartsWith("kubectl ", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Services_and_ports_in_the_guide_match_the_manifests()
    {
        var forwards = Commands.Select(line => Forward().Match(line)).Where(match => match.Success).ToList();

        forwards.Count.ShouldBe(3);
        forwards.ShouldAllBe(match =>
            Manifests
                .Small.Named<V1Service>(match.Groups["service"].Value)
                .Spec.Ports.Any(port => $"{port.Port}" == match.Groups["port"].Value)
        );
    }

    [Fact]
    public void Deployments_and_containers_in_the_guide_match_the_manifests()
    {
        var named = Deployment().Matches(Guide).Select(match => match.Groups["name"].Value).Distinct();
        var containers = Container().Matches(Guide).Select(match => match.Groups["name"].Value).Distinct();

        named.ShouldBe(["deploycard"]);
        containers.Order().ShouldBe(["postgres", "silo"]);
        containers.ShouldAllBe(name => Manifests.Small.Silos.Container(name).Name == name);
        Commands.Where(line => line.Contains("-n ")).ShouldAllBe(line => line.Contains("-n deploycard "));
    }

    [Fact]
    public void Secret_in_the_guide_has_the_keys_that_the_settings_read()
    {
        var environment = Manifests.Production.GetEnvironment(Manifests.Production.Silos.Container("silo"), field => field);
        var read = environment
            .Where(variable => variable.Key.EndsWith("_FILE", StringComparison.Ordinal))
            .Select(variable => Path.GetFileName(variable.Value))
            .Order();

        var command = Commands.Single(line => line.Contains("create secret"));
        command.ShouldContain(
            $" {Manifests.Production.Silos.Template.Spec.Volumes.Single(volume => volume.Secret is not null).Secret.SecretName} "
        );
        FromFile().Matches(command).Select(match => match.Groups["key"].Value).Order().ShouldBe(read);
    }

    [Fact]
    public void Overlays_and_images_in_the_guide_exist()
    {
        Overlay()
            .Matches(Guide)
            .Select(match => match.Value)
            .Distinct()
            .Order()
            .ShouldBe(["k8s/overlays/production", "k8s/overlays/small"]);
        var images = Commands
            .Concat(Guide.Split('\n').Where(line => line.StartsWith("docker build", StringComparison.Ordinal)))
            .SelectMany(line => Image().Matches(line))
            .Select(match => match.Value)
            .Distinct();
        string[] used =
        [
            Manifests.Small.Silos.Container("silo").Image,
            Manifests.Small.GetEnvironment(Manifests.Small.Silos.Container("silo"), field => field)["Kubernetes__Images__0__Reference"],
        ];
        images.Order().ShouldBe(used.Order());
    }

    [GeneratedRegex(
        @"port-forward service/(?<service>[a-z-]+) (?<port>\d+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Forward();

    [GeneratedRegex(@"deployment/(?<name>[a-z-]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Deployment();

    [GeneratedRegex(@" -c (?<name>[a-z]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Container();

    [GeneratedRegex(@"--from-file=(?<key>[a-z-]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FromFile();

    [GeneratedRegex(@"k8s/overlays/[a-z]+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Overlay();

    [GeneratedRegex(@"deploycard/[a-z]+:[0-9.]+[0-9]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Image();
}
