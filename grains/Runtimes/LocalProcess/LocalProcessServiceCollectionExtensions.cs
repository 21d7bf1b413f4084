using DeployCard.Grains.Runtimes.LocalProcess.Cluster;
using DeployCard.Grains.Runtimes.LocalProcess.Images;
using DeployCard.Grains.Runtimes.LocalProcess.Readiness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>Registers the local process runtime.</summary>
public static class LocalProcessServiceCollectionExtensions
{
    /// <summary>
    /// Pods are processes of this machine, images are folders. Registers <see cref="IPodRuntime"/>, <see cref="IImageCatalog"/> and
    /// <see cref="ILocalPods"/>; bind <see cref="LocalProcessOptions"/> for settings.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">On Windows.</exception>
    public static IServiceCollection AddLocalProcessRuntime(this IServiceCollection services)
    {
        services.AddLocalPods();
        services.TryAddSingleton<IPodRuntime>(provider => provider.GetRequiredService<LocalProcessRuntime>());
        services.TryAddSingleton<ILocalPods>(provider => provider.GetRequiredService<LocalProcessRuntime>());
        return services;
    }

    /// <summary>
    /// The same for a silo of a cluster: pods are processes of all its silos, which reach each other's by a grain service. All silos must know the
    /// same images, and a pod's loopback address must lead to it from each: they run on one machine.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">On Windows.</exception>
    public static IServiceCollection AddClusteredLocalProcessRuntime(this IServiceCollection services)
    {
        services.AddLocalPods();
        services.AddGrainService<SiloPodsService>();
        services.TryAddSingleton<ISiloPodsClient, SiloPodsClient>();
        services.TryAddSingleton<ClusterBoard>();
        services.TryAddSingleton<SiloFollower>();
        services.TryAddSingleton<ClusterFollower>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ClusterFollower>());
        services.TryAddSingleton<ClusteredRuntime>();
        services.TryAddSingleton<IPodRuntime>(provider => provider.GetRequiredService<ClusteredRuntime>());
        services.TryAddSingleton<ILocalPods>(provider => provider.GetRequiredService<ClusteredRuntime>());
        return services;
    }

    private static void AddLocalPods(this IServiceCollection services)
    {
        RefuseWindows();
        services.AddOptions<LocalProcessOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LocalProcessOptions>, LocalProcessOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton<ImageFolders>();
        services.TryAddSingleton<ImageCheck>();
        services.TryAddSingleton<FreePorts>();
        services.TryAddSingleton<ReadinessProbe>();
        services.TryAddSingleton<PodTools>();
        services.TryAddSingleton<LocalProcessRuntime>();
        services.TryAddSingleton<IImageCatalog, LocalImageCatalog>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPodUsage, LocalPodUsage>());
    }

    private static void RefuseWindows()
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
