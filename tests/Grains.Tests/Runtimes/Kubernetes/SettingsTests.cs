using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Hosting;
using DeployCard.Kubernetes.Images;
using DeployCard.Kubernetes.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Validation of the settings at the start, and resolution of image names.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void Default_settings_are_valid() => Errors(_ => { }).ShouldBeEmpty();

    [Fact]
    public void All_errors_are_reported_together_with_setting_and_value()
    {
        var errors = Errors(options =>
        {
            options.Namespace = "Models";
            options.Installation = "-";
            options.Port = 0;
            options.ReadinessPath = "healthz";
            options.RunAsUser = 0;
            options.FsGroup = 3_000_000_000;
            options.RequestTimeout = TimeSpan.Zero;
            options.ImagePullSecrets.Add("Not A Name");
            options.EnvironmentSecrets.Add("");
            options.NodeSelector["pool"] = "two words";
            options.Tolerations.Add(new() { Key = "gpu", Effect = "Never" });
            options.Tolerations.Add(new() { Value = "yes" });
            (options.InitialBackoff, options.MaxBackoff) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
            options.Images.Add(
                new()
                {
                    Name = "",
                    Reference = "Iris",
                    Port = 70_000,
                    ReadinessPath = "x",
                    SharedMemoryBytes = 1000,
                }
            );
            options.Images[0].Volumes.Add(new() { Claim = "Weights", Path = "models" });
            options.Images[0].Volumes.Add(new() { Claim = "weights", Path = "/a/../b" });
            options.Images[0].Volumes.Add(new() { Claim = "weights", Path = "/dev/shm/" });
            options.Images.Add(new() { Name = "twice", Reference = "iris" });
            options.Images.Add(new() { Name = "twice", Reference = "iris" });
        });

        foreach (
            var part in new[]
            {
                "Kubernetes:Namespace must be lowercase letters, digits or '-', with a letter or digit at both ends; got 'Models'",
                "Kubernetes:Installation must",
                "Kubernetes:Port must be 1 to 65535; got 0",
                "Kubernetes:ReadinessPath must be a path such as /healthz; got 'healthz'",
                "Kubernetes:RunAsUser must be 1 to 2147483647; got 0",
                "Kubernetes:RequestTimeout must be 00:00:01 to 00:01:00; got 00:00:00",
                "Kubernetes:ImagePullSecrets:0 is 'Not A Name'",
                "Kubernetes:EnvironmentSecrets:0 is ''",
                "Kubernetes:NodeSelector:pool is 'two words'",
                "Kubernetes:Tolerations:0:Effect must be NoSchedule, PreferNoSchedule, NoExecute or empty; got 'Never'",
                "Kubernetes:Tolerations:1:Value is 'yes'",
                "Kubernetes:MaxBackoff is 00:00:01",
                "Kubernetes:FsGroup must be 1 to 2147483647; got 3000000000",
                "Kubernetes:Images:0:SharedMemoryBytes must be 1048576 to 1099511627776; got 1000",
                "Kubernetes:Images:0:Volumes:0:Claim is 'Weights'",
                "Kubernetes:Images:0:Volumes:0:Path must be a path such as /models",
                "without ':' and '..'; got 'models'",
                "Kubernetes:Images:0:Volumes:1:Path must be a path such as /models",
                "without ':' and '..'; got '/a/../b'",
                "Kubernetes:Images:0:Volumes has the path '/dev/shm' 2 times",
                "Kubernetes:Images:0:Name must not be empty",
                "Kubernetes:Images:0:Reference is 'Iris'",
                "Kubernetes:Images:0:Port must be 1 to 65535; got 70000",
                "Kubernetes:Images:0:ReadinessPath must be a path such as /healthz; got 'x'",
                "has 'twice' 2 times",
            }
        )
            errors.ShouldContain(error => error.Contains(part, StringComparison.Ordinal), part);
    }

    [Theory]
    [InlineData("iris", true)]
    [InlineData("registry.example.org:5000/models/iris:1.0-rc_2", true)]
    [InlineData("models/iris@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("", false)]
    [InlineData("Iris", false)]
    [InlineData("iris:", false)]
    [InlineData("iris:two words", false)]
    [InlineData("iris@sha256:0123", false)]
    [InlineData("registry.example.org/", false)]
    [InlineData("https://registry.example.org/iris", false)]
    [InlineData("iris\n", false)]
    public void Image_reference_follows_the_syntax_of_registries(string text, bool isValid) =>
        ImageReference.IsValid(text).ShouldBe(isValid);

    [Fact]
    public void Image_reference_has_at_most_255_characters()
    {
        ImageReference.IsValid(new string('a', 255)).ShouldBeTrue();
        ImageReference.IsValid(new string('a', 256)).ShouldBeFalse();
    }

    [Fact]
    public void Image_has_its_own_settings_and_otherwise_the_defaults()
    {
        var options = new KubernetesOptions { Port = 9000, ReadinessPath = "/ready" };
        options.Images.Add(
            new()
            {
                Name = "iris",
                Reference = "registry.example.org/iris:1",
                Port = 80,
                Protocol = PodProtocol.H2c,
                SharedMemoryBytes = 1 << 30,
            }
        );
        options.Images[0].Volumes.Add(new() { Claim = "weights", Path = "/models" });
        var catalog = new KubernetesImageCatalog(Options.Create(options));

        var named = catalog.Resolve("iris").ShouldNotBeNull();
        (named.Reference, named.Port, named.ReadinessPath, named.Protocol).ShouldBe(
            ("registry.example.org/iris:1", 80, "/ready", PodProtocol.H2c)
        );
        (named.SharedMemoryBytes, named.Volumes.ShouldHaveSingleItem()).ShouldBe(
            (1 << 30, new KubernetesVolume("weights", "/models", IsReadOnly: true))
        );
        var any = catalog.Resolve("registry.example.org/other:2").ShouldNotBeNull();
        (any.Reference, any.Port).ShouldBe(("registry.example.org/other:2", 9000));
        catalog.Resolve("Not an image").ShouldBeNull();
        options.AllowAnyImage = false;
        catalog.Resolve("registry.example.org/other:2").ShouldBeNull();
    }

    private static IReadOnlyList<string> Errors(Action<KubernetesOptions> configure)
    {
        using var services = new ServiceCollection().AddKubernetesRuntime().Configure(configure).BuildServiceProvider();
        try
        {
            _ = services.GetRequiredService<IOptions<KubernetesOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }
}
