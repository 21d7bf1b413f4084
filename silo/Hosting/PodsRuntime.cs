using DeployCard.Kubernetes.Hosting;
using DeployCard.Kubernetes.Settings;
using DeployCard.LocalProcess.Hosting;
using DeployCard.LocalProcess.Settings;

namespace DeployCard.Silo.Hosting;

/// <summary>Kind of runtime that executes the pods (setting <c>Pods:Runtime</c>).</summary>
internal enum PodsRuntime
{
    /// <summary>Pods are processes on the machine of the silos, and stop when their silo stops.</summary>
    LocalProcess,

    /// <summary>Pods run in a Kubernetes cluster and outlive the silos.</summary>
    Kubernetes,
}

internal static class PodsRuntimeExtensions
{
    public const string Setting = "Pods:Runtime";

    /// <summary>
    /// Returns the runtime that the settings specify; <see cref="Hosting.PodsRuntime.LocalProcess"/> if they do not specify one.
    /// </summary>
    /// <exception cref="StartupException">The settings specify an unknown runtime.</exception>
    public static PodsRuntime GetPodsRuntime(this IConfiguration configuration) =>
        configuration[Setting] switch
        {
            null or "" => Hosting.PodsRuntime.LocalProcess,
            var name when Enum.TryParse<PodsRuntime>(name, ignoreCase: true, out var runtime) && Enum.IsDefined(runtime) => runtime,
            var name => throw new StartupException($"{Setting} must be {string.Join(" or ", Enum.GetNames<PodsRuntime>())}; got '{name}'"),
        };

    /// <summary>Registers the runtime. Local processes stop with the silo, before its grains are deactivated.</summary>
    public static IServiceCollection AddPods(this IServiceCollection services, Installation installation, IConfiguration configuration)
    {
        if (configuration.GetPodsRuntime() is Hosting.PodsRuntime.Kubernetes)
        {
            services.AddOptions<KubernetesOptions>().BindConfiguration(KubernetesOptions.Section);
            return services.AddKubernetesRuntime();
        }

        services.AddOptions<LocalProcessOptions>().BindConfiguration(LocalProcessOptions.Section);
        return (
            installation.IsCluster ? services.AddClusteredLocalProcessRuntime() : services.AddLocalProcessRuntime()
        ).AddStopPodsOnShutdown();
    }
}
