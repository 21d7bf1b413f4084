using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>The provisioning files of Prometheus and Grafana.</summary>
internal static class MonitoringFiles
{
    private static readonly string Folder = Path.Combine(BuildOutput.Solution, "k8s", "base", "monitoring");

    public static string Prometheus(string file) => Path.Combine(Folder, "prometheus", file);

    public static string DataSource => File.ReadAllText(Path.Combine(Folder, "grafana", "datasource.yml"));

    public static string Kustomization => File.ReadAllText(Path.Combine(Folder, "kustomization.yaml"));

    /// <summary>The dashboards by file name.</summary>
    public static IReadOnlyDictionary<string, JsonNode> Dashboards { get; } =
        Directory
            .GetFiles(Path.Combine(Folder, "grafana", "dashboards"), "*.json")
            .ToDictionary(file => Path.GetFileName(file), file => JsonNode.Parse(File.ReadAllText(file))!);

    public static IEnumerable<(string Dashboard, JsonNode Panel)> Panels =>
        from dashboard in Dashboards
        from panel in dashboard.Value["panels"]!.AsArray()
        select (dashboard.Key, panel);

    /// <summary>All queries of all panels.</summary>
    public static IEnumerable<(string Where, string Query)> Queries =>
        from place in Panels
        from target in place.Panel["targets"]!.AsArray()
        select ($"{place.Dashboard}: {place.Panel["title"]}", (string)target!["expr"]!);
}
