using DeployCard.Common.Settings;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Cluster;
using DeployCard.LocalProcess.Images;
using DeployCard.LocalProcess.Pods;
using DeployCard.LocalProcess.Readiness;
using DeployCard.LocalProcess.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DeployCard.LocalProcess.Hosting;

/// <summary>Registers the local process runtime.</summary>
public static class LocalProcessServiceCollectionExtensions
{
    /// <summary>
    /// Registers a runtime that runs pods as processes of this silo, with folders as images. Registers <see cref="IPodRuntime"/>,
    /// <see cref="IImageCatalog"/>, <see cref="ILocalPods"/> and <see cref="IPodDrain"/>. The caller binds the settings to
    /// <see cref="LocalProcessOptions"/>.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The operating system is Windows.</exception>
    public static IServiceCollection AddLocalProcessRuntime(this IServiceCollection services)
    {
        services.AddLocalPods();
        services.TryAddSingleton<IPodRuntime>(provider => provider.GetRequiredService<LocalProcessRuntime>());
        services.TryAddSingleton<ILocalPods>(provider => provider.GetRequiredService<LocalProcessRuntime>());
        return services;
    }

    /// <summary>
    /// Registers a runtime for a cluster of silos: pods run as processes of all its silos, which reach each other's pods through a grain
    /// service. All silos must have the same images and run on one machine, because pods listen on the loopback interface.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The operating system is Windows.</exception>
    public static IServiceCollection AddClusteredLocalProcessRuntime(this IServiceCollection services)
    {
        services.AddLocalPods();
        services.AddGrainService<SiloPodsService>();
        services.TryAddSingleton<ISiloPodsClient, SiloPodsClient>();
        services.TryAddSingleton<ClusterPodDirectory>();
        services.TryAddSingleton<SiloPodsPoller>();
        services.TryAddSingleton<ClusterPodsPoller>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ClusterPodsPoller>());
        services.TryAddSingleton<ClusteredRuntime>();
        services.TryAddSingleton<IPodRuntime>(provider => provider.GetRequiredService<ClusteredRuntime>());
        services.TryAddSingleton<ILocalPods>(provider => provider.GetRequiredService<ClusteredRuntime>());
        return services;
    }

    private static void AddLocalPods(this IServiceCollection services)
    {
        ThrowOnWindows();
        services.AddOptions<LocalProcessOptions>().ValidateSettings(LocalProcessOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LocalProcessOptions>, LocalProcessOptionsValidator>());
        services.TryAddSingleton<IPodDrain>(provider => provider.GetRequiredService<ILocalPods>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton<ImageFolders>();
        services.TryAddSingleton<ImageCheck>();
        services.TryAddSingleton<FreePorts>();
        services.TryAddSingleton<ReadinessProbe>();
        services.TryAddSingleton<LocalPodServices>();
        services.TryAddSingleton<LocalProcessRuntime>();
        services.TryAddSingleton<IImageCatalog, LocalImageCatalog>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPodUsage, LocalPodUsage>());
    }

    private static void ThrowOnWindows()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException(
                "Local processes need process groups and sessions, which Windows does not have. Run DeployCard on Linux or macOS, in WSL "
                    + "or in a container, or let it run its pods on Kubernetes."
            );
        }
    }
}
