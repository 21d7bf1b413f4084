using DeployCard.Grains.Runtimes.Kubernetes.Images;
using DeployCard.Grains.Runtimes.Kubernetes.Output;
using DeployCard.Grains.Runtimes.Kubernetes.Readiness;
using DeployCard.Grains.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>Registration of the Kubernetes runtime.</summary>
public static class KubernetesServiceCollectionExtensions
{
    /// <summary>
    /// Runs pods as Kubernetes pods of container images. Registers <see cref="IPodRuntime"/>, <see cref="IImageCatalog"/> and
    /// <see cref="IPodUsage"/>. The caller binds <see cref="KubernetesOptions"/>.
    /// </summary>
    public static IServiceCollection AddKubernetesRuntime(this IServiceCollection services)
    {
        services.AddOptions<KubernetesOptions>().ValidateSettings(KubernetesOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KubernetesOptions>, KubernetesOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton<KubernetesConnection>();
        services.TryAddSingleton<PodApi>();
        services.TryAddSingleton<PodTable>();
        services.TryAddSingleton<RejectedPodRetrier>();
        services.TryAddSingleton<PodLogReader>();
        services.TryAddSingleton<PodLogFollowers>();
        services.TryAddSingleton<StartupProber>();
        services.TryAddSingleton<KubernetesImageCatalog>();
        services.TryAddSingleton<IImageCatalog>(provider => provider.GetRequiredService<KubernetesImageCatalog>());
        services.TryAddSingleton<IPodRuntime, KubernetesRuntime>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPodUsage, KubernetesPodUsage>());
        return services.AddHostedService<PodInformer>().AddHostedService<OrphanPodCollector>();
    }
}
