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
        services.TryAddSingleton<IPodRuntime>(provider => provider.GetRequiredService<LocalProcessRuntime>());
        services.TryAddSingleton<ILocalPods>(provider => provider.GetRequiredService<LocalProcessRuntime>());
        return services;
    }

    private static void RefuseWindows()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException(
                "Local processes need process groups and sessions, which Windows does not have. Run DeployCard on Linux or macOS, in WSL "
                + "or in a container, or let it run its pods on Kubernetes.");
        }
    }
}
