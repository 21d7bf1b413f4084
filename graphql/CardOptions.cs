using System.ComponentModel.DataAnnotations;

namespace DeployCard.GraphQL;

/// <summary>What the card needs to know of its surroundings (section <c>Card</c>).</summary>
public sealed class CardOptions
{
    /// <summary>Where clients reach this installation, as in <c>https://models.example.org</c>; the first address it listens on when it is not set.</summary>
    [Required]
    public Uri PublicUrl { get; set; } = new("http://localhost:8080");

    /// <summary>Where Grafana is that has the dashboards of <c>k8s/base/monitoring</c>, as in <c>https://grafana.example.org</c>; null for nowhere.</summary>
    public Uri? GrafanaUrl { get; set; }

    /// <summary>A deployment's dashboard; null where there is no Grafana.</summary>
    internal Uri? DashboardOf(string deployment) =>
        GrafanaUrl is null ? null : new($"{GrafanaUrl.AbsoluteUri.TrimEnd('/')}/d/deploycard-deployment?var-deployment={deployment}");
}
