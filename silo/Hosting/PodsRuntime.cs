using DeployCard.Grains.Runtimes.Kubernetes;
using DeployCard.Grains.Runtimes.LocalProcess;

namespace DeployCard.Silo.Hosting;

/// <summary>What runs pods (<c>Pods:Runtime</c>).</summary>
internal enum PodsRuntime
{
    /// <summary>Processes of the silos' machine, which end with the silos.</summary>
    LocalProcess,

    /// <summary>Pods of a Kubernetes cluster, which outlive the silos.</summary>
    Kubernetes,
}

internal static class PodsRuntimes
{
    public const string Setting = "Pods:Runtime";

    /// <summary>The runtime that the settings name; local processes where they name none.</summary>
    /// <exception cref="StartupException">They name another one.</exception>
    public static PodsRuntime PodsRuntime(this IConfiguration configuration) =>
        configuration[Setting] switch
        {
            null or "" => Hosting.PodsRuntime.LocalProcess,
            var name when Enum.TryParse<PodsRuntime>(name, ignoreCase: true, out var runtime) && Enum.IsDefined(runtime) => runtime,
            var name => throw new StartupException($"{Setting} is '{name}': give {string.Join(" or ", Enum.GetNames<PodsRuntime>())}"),
        };

    /// <summary>Registers it. Local processes end with the silo, before its grains go.</summary>
    public static IServiceCollection AddPods(this IServiceCollection services, Installation installation, IConfiguration configuration)
    {
        if (configuration.PodsRuntime() is Hosting.PodsRuntime.Kubernetes)
        {
            services.AddOptions<KubernetesOptions>().BindConfiguration(KubernetesOptions.Section);
            return services.AddKubernetesRuntime();
        }

        services.AddOptions<LocalProcessOptions>().BindConfiguration(LocalProcessOptions.Section);
        return (installation.IsCluster ? services.AddClusteredLocalProcessRuntime() : services.AddLocalProcessRuntime()).AddPodsEnd();
    }
}
