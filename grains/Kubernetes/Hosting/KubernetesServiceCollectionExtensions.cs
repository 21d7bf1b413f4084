using DeployCard.Common.Settings;
using DeployCard.Contracts.Runtimes;
using DeployCard.Kubernetes.Images;
using DeployCard.Kubernetes.Output;
using DeployCard.Kubernetes.Pods;
using DeployCard.Kubernetes.Readiness;
using DeployCard.Kubernetes.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Hosting;

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
        services.TryAddSingleton<PodLogApi>();
        services.TryAddSingleton<LogReadFailures>();
        services.TryAddSingleton<ContainerRuns>();
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
