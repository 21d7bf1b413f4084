using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Validation;
using GraphQL.Validation.Complexity;
using GraphQL.Validation.Rules.Custom;
using GraphQLParser.AST;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Rejects operations that are too deep or may resolve too many fields. A list counts as the number of items that its argument <c>first</c>
/// or <c>last</c> requests, or as 20 items without these arguments. Introspection is exempt and has a separate rule, because the usual
/// introspection query counts as 460,000 fields.
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

    private RejectionError TooDeep(int depth) =>
        new(ErrorCodes.TooDeep, $"The operation is {depth} levels deep; at most {this.options.MaxDepth} are allowed.");

    private RejectionError TooComplex(double fields) =>
        new(
            ErrorCodes.TooComplex,
            $"The operation may resolve {fields:0} fields; at most {this.options.MaxComplexity} are allowed. Request smaller pages."
        );

    private static bool IsIntrospection(GraphQLOperationDefinition operation) =>
        operation.SelectionSet.Selections.All(selection => selection is GraphQLField { Name.StringValue: ['_', '_', ..] });
}
