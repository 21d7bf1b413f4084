using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support.Observability;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>The format of the Grafana dashboards. <see cref="PrometheusTests"/> checks that their queries return data.</summary>
public sealed class DashboardTests
{
    [Fact]
    public void Each_dashboard_has_a_uid_and_a_title_and_is_provisioned()
    {
        var dashboards = MonitoringFiles.Dashboards;

        dashboards.Keys.Order().ShouldBe(["deployment.json", "fleet.json", "silos.json"]);
        dashboards.Values.Select(dashboard => (string)dashboard["uid"]!).ShouldBeUnique();
        dashboards.Values.Select(dashboard => (string)dashboard["title"]!).ShouldBeUnique();
        dashboards.Keys.ShouldAllBe(file => MonitoringFiles.Kustomization.Contains($"dashboards/{file}"));
    }

    [Fact]
    public void Each_panel_has_a_unique_id_and_title_and_a_unit_and_a_description()
    {
        MonitoringFiles.Panels.Count().ShouldBeGreaterThan(40);
        foreach (var dashboard in MonitoringFiles.Panels.GroupBy(place => place.Dashboard, place => place.Panel))
        {
            dashboard.Select(panel => (int)panel["id"]!).ShouldBeUnique(dashboard.Key);
            dashboard.Select(panel => (string)panel["title"]!).ShouldBeUnique(dashboard.Key);
            dashboard.ShouldAllBe(panel => ((string?)panel["fieldConfig"]!["defaults"]!["unit"] ?? "").Length > 0);
            dashboard.ShouldAllBe(panel => ((string?)panel["description"] ?? "").Length > 0);
        }
    }

    [Fact]
    public void Panels_do_not_overlap()
    {
        foreach (var dashboard in MonitoringFiles.Panels.GroupBy(place => place.Dashboard, place => place.Panel["gridPos"]!))
        {
            var cells = dashboard
                .SelectMany(place =>
                    from x in Enumerable.Range((int)place["x"]!, (int)place["w"]!)
                    from y in Enumerable.Range((int)place["y"]!, (int)place["h"]!)
                    select (x, y)
                )
                .ToList();

            cells.ShouldBeUnique(dashboard.Key);
            cells.ShouldAllBe(cell => cell.x < 24);
        }
    }

    [Fact]
    public void Each_query_uses_the_uid_of_the_provisioned_data_source()
    {
        MonitoringFiles.DataSource.ShouldContain("uid: deploycard-prometheus");
        var sources = MonitoringFiles.Dashboards.Values.SelectMany(DataSources).ToList();

        sources.Count.ShouldBeGreaterThan(80);
        sources.ShouldAllBe(source => (string?)source["uid"] == "deploycard-prometheus");
    }

    [Fact]
    public void Deployment_dashboard_queries_only_the_selected_deployment() =>
        MonitoringFiles
            .Queries.Where(query => query.Where.StartsWith("deployment.json", StringComparison.Ordinal))
            .ShouldAllBe(query => query.Query.Contains("deploycard_deployment=\"$deployment\""));

    private static IEnumerable<JsonNode> DataSources(JsonNode node) =>
        node switch
        {
            JsonObject all => all.Where(member => member.Value is not null)
                .SelectMany(member => member.Key == "datasource" ? [member.Value!] : DataSources(member.Value!)),
            JsonArray items => items.SelectMany(item => DataSources(item!)),
            _ => [],
        };
}
