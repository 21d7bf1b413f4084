using DeployCard.Kubernetes.Pods;
using DeployCard.Kubernetes.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Hosting.Kubernetes;

namespace DeployCard.Kubernetes.Hosting;

/// <summary>Orleans configuration of silos that run as pods.</summary>
public static class KubernetesSiloBuilderExtensions
{
    /// <summary>Environment variable with the name of the silo's own pod; <see cref="PodNamespaceVariable"/> is required with it.</summary>
    public const string PodNameVariable = KubernetesHostingOptions.PodNameEnvironmentVariable;

    /// <summary>Environment variable with the namespace of the silo's own pod.</summary>
    public const string PodNamespaceVariable = KubernetesHostingOptions.PodNamespaceEnvironmentVariable;

    /// <summary>Label of a silo's pod that must hold the service id.</summary>
    public const string ServiceLabel = KubernetesHostingOptions.ServiceIdLabel;

    /// <summary>Label of a silo's pod that must hold the cluster id.</summary>
    public const string ClusterLabel = KubernetesHostingOptions.ClusterIdLabel;

    /// <summary>
    /// Declares a silo dead as soon as its pod is deleted, without waiting for missed probes. The reverse is not done: silos do not delete
    /// the pod of a silo that was declared dead. Such a silo stops automatically and Kubernetes restarts its container, so silos need no
    /// right to delete the pods of other silos.
    /// </summary>
    /// <remarks>
    /// The pods of all silos must have <see cref="ServiceLabel"/> and <see cref="ClusterLabel"/>: a starting silo declares every member
    /// dead whose pod lacks them. Orleans adds missing labels to the silo's own pod. Call this method before the cluster is configured, so
    /// that the settings of the cluster override those of Orleans.
    /// </remarks>
    public static ISiloBuilder UseKubernetesPods(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SiloPodPreflight>();
        return silo.UseKubernetesHosting(hosting =>
            hosting.Configure<IOptions<KubernetesOptions>>(
                (orleans, settings) =>
                {
                    orleans.GetClientConfiguration = () => KubernetesConnection.CreateConfiguration(settings.Value);
                    // Wait for an unavailable API server. Giving up would only end the silo, and Kubernetes restarts it with growing
                    // backoff.
                    orleans.MaxKubernetesApiRetryAttempts = int.MaxValue;
                }
            )
        );
    }
}
