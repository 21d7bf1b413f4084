using DeployCard.Kubernetes.Settings;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Client of the API server, opened on first use, and the namespace of the pods.</summary>
internal sealed class KubernetesConnection : IDisposable
{
    private const string DefaultNamespace = "default";

    private readonly Lazy<(k8s.Kubernetes Client, string Namespace, KubernetesClientConfiguration Configuration)> connection;

    public KubernetesConnection(IOptions<KubernetesOptions> options) => connection = new(() => Open(options.Value));

    public k8s.Kubernetes Client => connection.Value.Client;

    public string Namespace => connection.Value.Namespace;

    /// <summary>Returns the owner of pods created now; null if the silo does not use a service account of their namespace.</summary>
    public async Task<V1OwnerReference?> GetPodOwner(CancellationToken cancellationToken)
    {
        var access = connection.Value.Configuration;
        // Kubernetes rotates the token of a running pod, so the token is requested from the provider each time.
        var token = access.TokenProvider is { } provider
            ? (await provider.GetAuthenticationHeaderAsync(cancellationToken)).Parameter
            : access.AccessToken;
        return PodOwner.FromToken(token, Namespace);
    }

    public void Dispose()
    {
        if (connection.IsValueCreated)
            connection.Value.Client.Dispose();
    }

    private static (k8s.Kubernetes Client, string Namespace, KubernetesClientConfiguration Configuration) Open(KubernetesOptions options)
    {
        var config = CreateConfiguration(options);
        return (new(config), options.Namespace.Length > 0 ? options.Namespace : config.Namespace ?? DefaultNamespace, config);
    }

    /// <summary>Returns the client configuration that the settings describe.</summary>
    public static KubernetesClientConfiguration CreateConfiguration(KubernetesOptions options)
    {
        var context = options.Context.Length == 0 ? null : options.Context;
        var config =
            options.KubeConfig.Length > 0 ? KubernetesClientConfiguration.BuildConfigFromConfigFile(options.KubeConfig, context)
            : KubernetesClientConfiguration.IsInCluster() ? KubernetesClientConfiguration.InClusterConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(currentContext: context);
        // The timeout ends with the response headers; watches and followed logs may last longer.
        config.HttpClientTimeout = options.RequestTimeout;
        return config;
    }
}
