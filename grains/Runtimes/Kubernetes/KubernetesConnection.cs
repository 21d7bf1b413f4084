using k8s;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>The way to the API server, and the namespace there.</summary>
internal sealed class KubernetesConnection : IDisposable
{
    private const string DefaultNamespace = "default";

    private readonly Lazy<(k8s.Kubernetes Client, string Namespace)> connection;

    public KubernetesConnection(IOptions<KubernetesOptions> options) => connection = new(() => Open(options.Value));

    public k8s.Kubernetes Client => connection.Value.Client;

    public string Namespace => connection.Value.Namespace;

    public void Dispose()
    {
        if (connection.IsValueCreated)
            connection.Value.Client.Dispose();
    }

    private static (k8s.Kubernetes Client, string Namespace) Open(KubernetesOptions options)
    {
        var config = Configuration(options);
        return (new(config), options.Namespace.Length > 0 ? options.Namespace : config.Namespace ?? DefaultNamespace);
    }

    /// <summary>The way to the API server that the settings describe.</summary>
    public static KubernetesClientConfiguration Configuration(KubernetesOptions options)
    {
        var context = options.Context.Length == 0 ? null : options.Context;
        var config = options.KubeConfig.Length > 0 ? KubernetesClientConfiguration.BuildConfigFromConfigFile(options.KubeConfig, context)
            : KubernetesClientConfiguration.IsInCluster() ? KubernetesClientConfiguration.InClusterConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(currentContext: context);
        // It bounds the beginning of an answer only; watches and logs then go on.
        config.HttpClientTimeout = options.RequestTimeout;
        return config;
    }
}
