using System.Net;
using System.Net.Sockets;
using DeployCard.Common.Settings;
using DeployCard.Kubernetes.Hosting;
using DeployCard.Storage.PostgreSql;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace DeployCard.Silo.Hosting;

/// <summary>Configures Orleans clustering: membership, endpoints and the grain directory of the silo.</summary>
internal static class ClusterSiloBuilderExtensions
{
    /// <summary>Service ID of Orleans. It is part of the key of every row of grain state, so it must never change.</summary>
    public const string ServiceId = "deploycard";

    /// <summary>Joins the cluster of the installation, or runs as a single silo if the installation allows only one.</summary>
    public static ISiloBuilder UseInstallation(this ISiloBuilder silo, Installation installation) =>
        // Each asynchronous call is a grain that is used only a few times. Caching the locations of a million grains would take 335 MB.
        (installation.IsCluster ? silo.UseCluster() : silo.UseSingleSilo()).Configure<GrainDirectoryOptions>(options =>
            options.CacheSize = 1000
        );

    private static ISiloBuilder UseSingleSilo(this ISiloBuilder silo) =>
        silo.UseLocalhostClustering(FindFreePort(), gatewayPort: 0, serviceId: ServiceId, clusterId: "local");

    private static ISiloBuilder UseCluster(this ISiloBuilder silo)
    {
        silo.Services.AddSettings<ClusterOptions>(ClusterOptions.Section);
        silo.Services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
        if (silo.Configuration.IsPod())
            silo.UseKubernetesPods();
        silo.UsePostgreSqlClustering();
        silo.Services.AddOptions<Orleans.Configuration.ClusterOptions>().Configure<IOptions<ClusterOptions>>(SetIds);
        silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<ClusterOptions>>(SetEndpoints);
        silo.Services.AddOptions<ClusterMembershipOptions>().Configure<IOptions<ClusterOptions>>(SetMembership);
        if (silo.Configuration.GetValue($"{ClusterOptions.Section}:{nameof(ClusterOptions.Rebalance)}", true))
        {
#pragma warning disable ORLEANSEXP002 // Experimental, but the only way in Orleans to move existing grains to a silo that joins.
            silo.AddActivationRebalancer();
#pragma warning restore ORLEANSEXP002
        }

        return silo;
    }

    private static void SetIds(Orleans.Configuration.ClusterOptions options, IOptions<ClusterOptions> cluster) =>
        (options.ServiceId, options.ClusterId) = (ServiceId, cluster.Value.Id);

    private static void SetEndpoints(EndpointOptions options, IOptions<ClusterOptions> cluster)
    {
        // Port 0 disables the Orleans gateway, because there are no external Orleans clients.
        (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (
            IPAddress.Parse(cluster.Value.Address),
            cluster.Value.SiloPort is 0 ? FindFreePort() : cluster.Value.SiloPort,
            0
        );
        // UseKubernetesPods would listen on all IPv4 addresses instead, which fails in an IPv6-only cluster.
        options.SiloListeningEndpoint = new(options.AdvertisedIPAddress, options.SiloPort);
    }

    /// <summary>Whether this silo itself runs as a pod in the Kubernetes cluster of its pods.</summary>
    private static bool IsPod(this IConfiguration configuration) =>
        configuration.GetPodsRuntime() is PodsRuntime.Kubernetes
        && !string.IsNullOrEmpty(configuration[KubernetesSiloBuilderExtensions.PodNameVariable]);

    private static void SetMembership(ClusterMembershipOptions options, IOptions<ClusterOptions> cluster)
    {
        (options.ProbeTimeout, options.NumMissedProbesLimit) = (cluster.Value.ProbeTimeout, cluster.Value.MaxMissedProbes);
        // A silo that joins waits for killed silos until their entries in the membership table have missed three of these updates.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        options.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
