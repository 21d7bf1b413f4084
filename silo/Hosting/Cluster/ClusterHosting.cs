using System.Net;
using System.Net.Sockets;
using DeployCard.Grains.Runtimes.Kubernetes;
using DeployCard.Grains.Storage.PostgreSql;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace DeployCard.Silo.Hosting.Cluster;

/// <summary>How this silo meets others.</summary>
internal static class ClusterHosting
{
    /// <summary>Part of the key of every row of grain state: it never changes.</summary>
    public const string ServiceId = "deploycard";

    /// <summary>As the others of the same database, or alone.</summary>
    public static ISiloBuilder UseInstallation(this ISiloBuilder silo, Installation installation) =>
        // Each call is a grain that is asked for a few times: remembering where a million of them live would cost 335 MB.
        (installation.IsCluster ? silo.UseCluster() : silo.UseOneSilo()).Configure<GrainDirectoryOptions>(options =>
            options.CacheSize = 1000
        );

    private static ISiloBuilder UseOneSilo(this ISiloBuilder silo) =>
        silo.UseLocalhostClustering(FreePort(), gatewayPort: 0, serviceId: ServiceId, clusterId: "local");

    private static ISiloBuilder UseCluster(this ISiloBuilder silo)
    {
        silo.Services.AddOptions<ClusterOptions>().BindConfiguration(ClusterOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
        if (silo.Configuration.IsPod())
            silo.UseKubernetesPods();
        silo.UsePostgreSqlClustering();
        silo.Services.AddOptions<Orleans.Configuration.ClusterOptions>().Configure<IOptions<ClusterOptions>>(Name);
        silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<ClusterOptions>>(Listen);
        silo.Services.AddOptions<ClusterMembershipOptions>().Configure<IOptions<ClusterOptions>>(Watch);
        if (silo.Configuration.GetValue($"{ClusterOptions.Section}:{nameof(ClusterOptions.Rebalance)}", true))
        {
#pragma warning disable ORLEANSEXP002 // Experimental, but the only way that Orleans offers to give a silo that joins its share.
            silo.AddActivationRebalancer();
#pragma warning restore ORLEANSEXP002
        }

        return silo;
    }

    private static void Name(Orleans.Configuration.ClusterOptions options, IOptions<ClusterOptions> cluster) =>
        (options.ServiceId, options.ClusterId) = (ServiceId, cluster.Value.Id);

    private static void Listen(EndpointOptions options, IOptions<ClusterOptions> cluster)
    {
        // There are no clients of Orleans' own from outside.
        (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (
            IPAddress.Parse(cluster.Value.Address),
            cluster.Value.SiloPort is 0 ? FreePort() : cluster.Value.SiloPort,
            0
        );
        // Hosting on Kubernetes would listen on every IPv4 address instead, which is none where a cluster has only IPv6.
        options.SiloListeningEndpoint = new(options.AdvertisedIPAddress, options.SiloPort);
    }

    /// <summary>Whether this silo is a pod of the cluster that models run in.</summary>
    private static bool IsPod(this IConfiguration configuration) =>
        configuration.PodsRuntime() is PodsRuntime.Kubernetes && !string.IsNullOrEmpty(configuration[KubernetesSiloHosting.NameVariable]);

    private static void Watch(ClusterMembershipOptions options, IOptions<ClusterOptions> cluster)
    {
        (options.ProbeTimeout, options.NumMissedProbesLimit) = (cluster.Value.ProbeTimeout, cluster.Value.MaxMissedProbes);
        // A silo that joins waits until those that were killed are known to be gone: after three of these.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        options.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
