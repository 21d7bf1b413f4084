using k8s;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>The way to the API server, and the namespace there.</summary>
internal sealed class KubernetesConnection : IDisposable
{
    private const string DefaultNamespace = "default";

    private readonly Lazy<(k8s.Kubernetes Client, string Namespace, KubernetesClientConfiguration Configuration)> connection;

    public KubernetesConnection(IOptions<KubernetesOptions> options) => connection = new(() => Open(options.Value));

    public k8s.Kubernetes Client => connection.Value.Client;

    public string Namespace => connection.Value.Namespace;

    /// <summary>Whom pods that are made now belong to; null where the silo acts as no service account of their namespace.</summary>
    public async Task<V1OwnerReference?> Owner(CancellationToken cancellationToken)
    {
        var access = connection.Value.Configuration;
        // That of a pod is read anew now and then: it is replaced while the pod runs.
        var token = access.TokenProvider is { } provider
            ? (await provider.GetAuthenticationHeaderAsync(cancellationToken)).Parameter
            : access.AccessToken;
        return PodOwner.Of(token, Namespace);
    }

    public void Dispose()
    {
        if (connection.IsValueCreated)
            connection.Value.Client.Dispose();
    }

    private static (k8s.Kubernetes Client, string Namespace, KubernetesClientConfiguration Configuration) Open(KubernetesOptions options)
    {
        var config = Configuration(options);
        return (new(config), options.Namespace.Length > 0 ? options.Namespace : config.Namespace ?? DefaultNamespace, config);
    }

    /// <summary>The way to the API server that the settings describe.</summary>
    public static KubernetesClientConfiguration Configuration(KubernetesOptions options)
    {
        var context = options.Context.Length == 0 ? null : options.Context;
        var config =
            options.KubeConfig.Length > 0 ? KubernetesClientConfiguration.BuildConfigFromConfigFile(options.KubeConfig, context)
            : KubernetesClientConfiguration.IsInCluster() ? KubernetesClientConfiguration.InClusterConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(currentContext: context);
        // It bounds the beginning of an answer only; watches and logs then go on.
        config.HttpClientTimeout = options.RequestTimeout;
        return config;
    }
}
