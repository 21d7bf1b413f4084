using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Validation;
using GraphQL.Validation.Complexity;
using GraphQL.Validation.Rules.Custom;
using GraphQLParser.AST;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Refuses operations that are too deep or would touch too many fields. A list counts as many times as its <c>first</c> or
/// <c>last</c> says, else twenty times. Introspection is exempt (the usual query counts 460,000) and has a rule of its own.
/// </summary>
internal sealed class LimitRule(IOptions<GraphQLOptions> options) : ComplexityValidationRule(new ComplexityOptions())
{
    private readonly GraphQLOptions options = options.Value;

    protected override ValueTask<(double TotalComplexity, int MaximumDepth)> CalculateComplexityAsync(ValidationContext context) =>
        IsIntrospection(context.Operation) ? new((0, 0)) : base.CalculateComplexityAsync(context);

    protected override ValueTask ValidateComplexityAsync(ValidationContext context, double totalComplexity, int maxDepth)
    {
        if (maxDepth > this.options.MaxDepth)
            context.ReportError(TooDeep(maxDepth));
        if (totalComplexity > this.options.MaxComplexity)
            context.ReportError(TooComplex(totalComplexity));
        return default;
    }

    private RefusedError TooDeep(int depth) =>
        new(ErrorCodes.TooDeep, $"The operation is {depth} levels deep; at most {this.options.MaxDepth} are allowed.");

    private RefusedError TooComplex(double fields) =>
        new(
            ErrorCodes.TooComplex,
            $"The operation may touch {fields:0} fields; at most {this.options.MaxComplexity} are allowed. Ask for smaller pages."
        );

    private static bool IsIntrospection(GraphQLOperationDefinition operation) =>
        operation.SelectionSet.Selections.All(selection => selection is GraphQLField { Name.StringValue: ['_', '_', ..] });
}
