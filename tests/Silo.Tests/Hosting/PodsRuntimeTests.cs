using DeployCard.Contracts.Runtimes;
using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Silo.Tests.Hosting;

/// <summary>The setting <c>Pods:Runtime</c> selects the runtime of the pods.</summary>
public sealed class PodsRuntimeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-runtime-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(null, "LocalProcessRuntime")]
    [InlineData("LocalProcess", "LocalProcessRuntime")]
    [InlineData("Kubernetes", "KubernetesRuntime")]
    [InlineData("kubernetes", "KubernetesRuntime")]
    public void Runtime_of_the_setting_is_registered(string? name, string runtime)
    {
        var services = Register(name);

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
    public void Unknown_runtime_is_rejected_with_the_allowed_values(string name) =>
        Should
            .Throw<StartupException>(() => Register(name))
            .Message.ShouldBe($"Pods:Runtime must be LocalProcess or Kubernetes; got '{name}'");

    private IServiceCollection Register(string? name)
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
