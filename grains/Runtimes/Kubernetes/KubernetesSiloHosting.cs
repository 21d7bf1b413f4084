using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Hosting.Kubernetes;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>Silos that are pods themselves.</summary>
public static class KubernetesSiloHosting
{
    /// <summary>The environment variable with the name of the silo's own pod; with it goes <see cref="NamespaceVariable"/>.</summary>
    public const string NameVariable = KubernetesHostingOptions.PodNameEnvironmentVariable;

    /// <summary>The environment variable with the namespace that the silo's own pod is in.</summary>
    public const string NamespaceVariable = KubernetesHostingOptions.PodNamespaceEnvironmentVariable;

    /// <summary>The label of a silo's pod that must hold the service id.</summary>
    public const string ServiceLabel = KubernetesHostingOptions.ServiceIdLabel;

    /// <summary>The label of a silo's pod that must hold the id of its cluster.</summary>
    public const string ClusterLabel = KubernetesHostingOptions.ClusterIdLabel;

    /// <summary>
    /// A silo is known to be gone as soon as its pod is, and not only when it has not answered probes. The other way round nothing is done: a
    /// silo that others have given up ends by itself, and its container is started again, so that no silo needs the right to delete silos.
    /// </summary>
    /// <remarks>
    /// The pods of all silos must have <see cref="ServiceLabel"/> and <see cref="ClusterLabel"/>: a silo that starts takes one without them for gone.
    /// It sets its own where they are missing. Call it before the cluster's own settings, which are stronger then.
    /// </remarks>
    public static ISiloBuilder UseKubernetesPods(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, OwnPodCheck>();
        return silo.UseKubernetesHosting(hosting =>
            hosting.Configure<IOptions<KubernetesOptions>>(
                (theirs, ours) =>
                {
                    theirs.GetClientConfiguration = () => KubernetesConnection.Configuration(ours.Value);
                    // It waits for an API server that is away; giving up would only make it wait for its next start, for longer each time.
                    theirs.MaxKubernetesApiRetryAttempts = int.MaxValue;
                }
            )
        );
    }
}
