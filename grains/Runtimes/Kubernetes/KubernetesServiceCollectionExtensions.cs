using DeployCard.Grains.Runtimes.Kubernetes.Images;
using DeployCard.Grains.Runtimes.Kubernetes.Output;
using DeployCard.Grains.Runtimes.Kubernetes.Readiness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>Registers the Kubernetes runtime.</summary>
public static class KubernetesServiceCollectionExtensions
{
    /// <summary>
    /// Pods are pods of a Kubernetes cluster, images are container images. Registers <see cref="IPodRuntime"/>, <see cref="IImageCatalog"/> and
    /// <see cref="IPodUsage"/>; bind <see cref="KubernetesOptions"/> for settings.
    /// </summary>
    public static IServiceCollection AddKubernetesRuntime(this IServiceCollection services)
    {
        services.AddOptions<KubernetesOptions>().ValidateDataAnnotations().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KubernetesOptions>, KubernetesOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton<KubernetesConnection>();
        services.TryAddSingleton<PodApi>();
        services.TryAddSingleton<PodTable>();
        services.TryAddSingleton<RefusedPods>();
        services.TryAddSingleton<PodLogReader>();
        services.TryAddSingleton<PodLogFollowers>();
        services.TryAddSingleton<StartProbes>();
        services.TryAddSingleton<KubernetesImageCatalog>();
        services.TryAddSingleton<IImageCatalog>(provider => provider.GetRequiredService<KubernetesImageCatalog>());
        services.TryAddSingleton<IPodRuntime, KubernetesRuntime>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPodUsage, KubernetesPodUsage>());
        return services.AddHostedService<PodInformer>().AddHostedService<PodSweep>();
    }
}
