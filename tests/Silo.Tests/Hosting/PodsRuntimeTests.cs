using DeployCard.Grains.Runtimes;
using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Silo.Tests.Hosting;

/// <summary>What runs pods is a setting.</summary>
public sealed class PodsRuntimeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-runtime-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(null, "LocalProcessRuntime")]
    [InlineData("LocalProcess", "LocalProcessRuntime")]
    [InlineData("Kubernetes", "KubernetesRuntime")]
    [InlineData("kubernetes", "KubernetesRuntime")]
    public void The_runtime_is_the_one_that_the_setting_names(string? name, string runtime)
    {
        var services = Registered(name);

        services.ShouldContain(service => service.ServiceType == typeof(IPodRuntime));
        services
            .Select(service => (service.ImplementationType ?? service.ServiceType).Name)
            .Where(type => type is "LocalProcessRuntime" or "KubernetesRuntime")
            .Distinct()
            .ShouldBe([runtime]);
    }

    [Theory]
    [InlineData("Docker")]
    [InlineData("7")]
    public void Another_one_is_refused_with_those_that_there_are(string name) =>
        Should
            .Throw<StartupException>(() => Registered(name))
            .Message.ShouldBe($"Pods:Runtime is '{name}': give LocalProcess or Kubernetes");

    private IServiceCollection Registered(string? name)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Storage:Path"] = Path.Combine(folder, "data", "deploycard.db"),
                    ["Pods:Runtime"] = name,
                }
            )
            .Build();
        using var installation = Installation.Open(configuration);
        return new ServiceCollection().AddPods(installation, configuration);
    }
}
