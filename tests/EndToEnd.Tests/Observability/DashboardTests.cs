using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support.Observability;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>The dashboards are such as Grafana reads; that their queries find something is told by <see cref="PrometheusTests"/>.</summary>
public sealed class DashboardTests
{
    [Fact]
    public void Each_dashboard_has_a_uid_a_title_and_a_place_among_what_is_provisioned()
    {
        var dashboards = MonitoringFiles.Dashboards;

        dashboards.Keys.Order().ShouldBe(["deployment.json", "fleet.json", "silos.json"]);
        dashboards.Values.Select(dashboard => (string)dashboard["uid"]!).ShouldBeUnique();
        dashboards.Values.Select(dashboard => (string)dashboard["title"]!).ShouldBeUnique();
        dashboards.Keys.ShouldAllBe(file => MonitoringFiles.Kustomization.Contains($"dashboards/{file}"));
    }

    [Fact]
    public void Each_panel_has_an_id_of_its_own_a_unit_and_a_description()
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
    public void No_panel_lies_over_another()
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
    public void Each_query_asks_the_provisioned_data_source_by_its_uid()
    {
        MonitoringFiles.DataSource.ShouldContain("uid: deploycard-prometheus");
        var sources = MonitoringFiles.Dashboards.Values.SelectMany(DataSources).ToList();

        sources.Count.ShouldBeGreaterThan(80);
        sources.ShouldAllBe(source => (string?)source["uid"] == "deploycard-prometheus");
    }

    [Fact]
    public void The_dashboard_of_one_deployment_asks_for_that_one_only() =>
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
