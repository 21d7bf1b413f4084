using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>What Prometheus and Grafana are provisioned with.</summary>
internal static class MonitoringFiles
{
    private static readonly string Folder = Path.Combine(Built.Solution, "k8s", "base", "monitoring");

    public static string Prometheus(string file) => Path.Combine(Folder, "prometheus", file);

    public static string DataSource => File.ReadAllText(Path.Combine(Folder, "grafana", "datasource.yml"));

    public static string Kustomization => File.ReadAllText(Path.Combine(Folder, "kustomization.yaml"));

    /// <summary>The dashboards, by the names of their files.</summary>
    public static IReadOnlyDictionary<string, JsonNode> Dashboards { get; } =
        Directory
            .GetFiles(Path.Combine(Folder, "grafana", "dashboards"), "*.json")
            .ToDictionary(file => Path.GetFileName(file), file => JsonNode.Parse(File.ReadAllText(file))!);

    public static IEnumerable<(string Dashboard, JsonNode Panel)> Panels =>
        from dashboard in Dashboards
        from panel in dashboard.Value["panels"]!.AsArray()
        select (dashboard.Key, panel);

    /// <summary>Every query of every panel.</summary>
    public static IEnumerable<(string Where, string Query)> Queries =>
        from place in Panels
        from target in place.Panel["targets"]!.AsArray()
        select ($"{place.Dashboard}: {place.Panel["title"]}", (string)target!["expr"]!);
}
