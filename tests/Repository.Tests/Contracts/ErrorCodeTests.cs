using System.Text;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;

namespace DeployCard.Repository.Tests.Contracts;

/// <summary>The reference of error codes, reasons of pods and event kinds, <c>docs/errors.md</c>, is generated from the code.</summary>
public sealed class ErrorCodeTests
{
    [Fact]
    public void Reference_of_gateway_codes_matches_the_code()
    {
        var text = new StringBuilder("| code | status | meaning |\n|---|---|---|\n");
        foreach (var (code, meaning) in Codes.OfGateway.OrderBy(code => code.Code.Name, StringComparer.Ordinal))
            text.Append($"| `{code.Name}` | {code.Status} | {meaning} |\n");

        GeneratedPage.ShouldMatch("docs/errors.md", "gateway codes", text.ToString(), "Programs compare these codes.");
    }

    [Fact]
    public void Reference_of_GraphQL_codes_matches_the_code()
    {
        var text = new StringBuilder("| code | meaning |\n|---|---|\n");
        foreach (var (name, meaning) in Codes.OfGraphQL.DistinctBy(code => code.Name).OrderBy(code => code.Name, StringComparer.Ordinal))
            text.Append($"| `{name}` | {meaning} |\n");

        GeneratedPage.ShouldMatch("docs/errors.md", "GraphQL codes", text.ToString(), "Frontends compare these codes.");
    }

    [Fact]
    public void Reference_of_call_codes_matches_the_code()
    {
        var text = new StringBuilder("| code | meaning |\n|---|---|\n");
        foreach (var (name, meaning) in Codes.OfEnum(typeof(CallErrorCode)))
            text.Append($"| `{name}` | {meaning} |\n");

        GeneratedPage.ShouldMatch("docs/errors.md", "call codes", text.ToString(), "Programs compare these codes.");
    }

    [Fact]
    public void Reference_of_pod_reasons_matches_the_code()
    {
        var text = new StringBuilder("| reason | meaning |\n|---|---|\n");
        foreach (var (name, meaning) in Codes.OfPods)
            text.Append($"| `{name}` | {meaning} |\n");

        GeneratedPage.ShouldMatch("docs/errors.md", "pod reasons", text.ToString(), "Frontends compare these values.");
    }

    [Fact]
    public void Reference_of_event_kinds_matches_the_code()
    {
        var text = new StringBuilder("| kind | meaning |\n|---|---|\n");
        foreach (var (name, meaning) in Codes.OfEnum(typeof(EventKind)))
            text.Append($"| `{name}` | {meaning} |\n");

        GeneratedPage.ShouldMatch("docs/errors.md", "event kinds", text.ToString(), "Frontends compare these values.");
    }

    [Fact]
    public void Gateway_codes_have_unique_names() =>
        Codes.OfGateway.GroupBy(code => code.Code.Name).Where(codes => codes.Count() > 1).Select(codes => codes.Key).ShouldBeEmpty();
}
